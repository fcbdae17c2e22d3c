/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "authorized_keys.h"

#include <stdlib.h>
#include <string.h>

#include "authorized_private.h"
#include "base/text.h"
#include "remote/remote.h"

#define KEY_LINE_MAX 16384
#define RSA_BITS_MIN 2048

static const char *const types[] = { "ssh-ed25519", "ecdsa-sha2-nistp256",
	"ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-rsa",
	"sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com" };

bool
key_type_is_known(const char *s, size_t len)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (strlen(types[i]) == len && memcmp(types[i], s, len) == 0)
			return true;
	return false;
}

static int
base64_value(char c)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *p = c == '\0' ? NULL : strchr(digits, c);

	return p == NULL ? -1 : (int)(p - digits);
}

int
base64_decode(struct buf *ret, const char *s, size_t len)
{
	unsigned bits = 0, n_bits = 0;
	size_t pad = 0;

	while (pad < 2 && pad < len && s[len - pad - 1] == '=')
		pad++;
	if (len == 0 || len % 4 != 0)
		return -1;
	for (size_t i = 0; i < len - pad; i++) {
		int v = base64_value(s[i]);

		if (v < 0)
			return -1;
		bits = bits << 6 | (unsigned)v;
		n_bits += 6;
		if (n_bits >= 8) {
			n_bits -= 8;
			if (buf_add_byte(ret, (uint8_t)(bits >> n_bits)) != 0)
				return -1;
			bits &= (1u << n_bits) - 1;
		}
	}
	/* Two spellings of one key would pass for two keys. */
	return bits == 0 ? 0 : -1;
}

/* A string of an SSH key: big-endian length, bytes. */
static const uint8_t *
read_string(struct reader *r, size_t *ret_len)
{
	const uint8_t *p = reader_bytes(r, 4);

	if (p == NULL)
		return NULL;
	*ret_len = (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 |
	    p[3];
	return reader_bytes(r, *ret_len);
}

/* That the bytes are a key of the type which the line names. */
static int
check_blob(const struct public_key *k, const struct buf *blob, struct err *err)
{
	struct reader r = reader_of(blob->data, blob->len);
	char print[REMOTE_FINGERPRINT];
	size_t len = 0;
	const uint8_t *p = read_string(&r, &len);

	if (p == NULL || len != strlen(k->type) || memcmp(p, k->type, len) != 0)
		return err_set(err, ERR_FORMAT,
		    "the key is not of type %s, as its line says", k->type);
	if (strcmp(k->type, "ssh-rsa") == 0) {
		(void)read_string(&r, &len);
		p = read_string(&r, &len);
		if (p == NULL || len * 8 < RSA_BITS_MIN)
			return err_set(err, ERR_FORMAT,
			    "an RSA key below %d bits is not safe",
			    RSA_BITS_MIN);
	}
	return remote_key_fingerprint(k->type, k->base64, print, err);
}

/* The next word and what follows it. */
static size_t
word(const char **s, const char *end)
{
	const char *p;

	while (*s < end && (**s == ' ' || **s == '\t'))
		(*s)++;
	for (p = *s; p < end && *p != ' ' && *p != '\t'; p++)
		;
	return (size_t)(p - *s);
}

int
public_key_split(struct public_key *k, const char *s, size_t len)
{
	const char *end = s + len;
	size_t n = word(&s, end);

	if (!key_type_is_known(s, n))
		return 1;
	k->type = strndup(s, n);
	s += n;
	n = word(&s, end);
	k->base64 = strndup(s, n);
	s += n;
	(void)word(&s, end);
	while (end > s && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	k->comment = strndup(s, (size_t)(end - s));
	return k->type == NULL || k->base64 == NULL || k->comment == NULL ? -1 :
									    0;
}

static int
check(struct public_key *k, struct err *err)
{
	struct buf blob = { 0 };
	int rc;

	if (base64_decode(&blob, k->base64, strlen(k->base64)) != 0)
		rc = err_set(err, ERR_FORMAT, "the key is not whole base64");
	else
		rc = check_blob(k, &blob, err);
	buf_done(&blob);
	return rc;
}

/* Comments go into a file of lines and onto terminals. */
static bool
is_plain(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (((unsigned char)s[i] < 0x20 && s[i] != '\t') ||
		    s[i] == 0x7f)
			return false;
	return text_is_utf8(s, len);
}

int
public_key_parse(
    struct public_key *ret, const char *text, size_t len, struct err *err)
{
	static const char blank[] = { ' ', '\t', '\r', '\n' };
	struct public_key k = { 0 };
	const char *type = text;
	size_t n;
	int rc;

	while (len > 0 && memchr(blank, text[len - 1], sizeof(blank)) != NULL)
		len--;
	if (len == 0)
		return err_set(
		    err, ERR_FORMAT, "not a public key: it is empty");
	if (len >= 10 && memcmp(text, "-----BEGIN", 10) == 0)
		return err_set(err, ERR_FORMAT,
		    "that is not a public key; is it in the file with .pub "
		    "at the end?");
	if (memchr(text, '\n', len) != NULL)
		return err_set(err, ERR_FORMAT,
		    "one key is wanted, and this has several lines");
	if (len > KEY_LINE_MAX || !is_plain(text, len))
		return err_set(err, ERR_FORMAT, "not a public key");
	switch (public_key_split(&k, text, len)) {
	case 0:
		rc = check(&k, err);
		break;
	case 1:
		n = word(&type, text + len);
		rc = err_set(err, ERR_FORMAT,
		    "not a public key: \"%.*s\" is not a type of key that is "
		    "accepted (ssh-ed25519, ecdsa-sha2-*, ssh-rsa, sk-*)",
		    n > 40 ? 40 : (int)n, type);
		break;
	default:
		rc = err_nomem(err);
	}
	if (rc != 0)
		public_key_done(&k);
	else
		*ret = k;
	return rc;
}

void
public_key_done(struct public_key *k)
{
	free(k->type);
	free(k->base64);
	free(k->comment);
	*k = (struct public_key){ 0 };
}
