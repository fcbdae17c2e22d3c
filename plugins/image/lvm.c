/*
 * LVM2 volume groups: from the physical volumes of a disk to the logical ones.
 * Linear and striped ones are read; what else there is says what it is.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "disk_lv.h"
#include "lvm_label.h"
#include "lvm_text.h"
#include "volumes_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_LEN_MAX 127 /* of a group or volume, as LVM has it */
#define EXTENT_MAX (UINT64_C(1) << 40)
#define STRIPES_MAX 128

/* A physical volume. */
struct pv {
	size_t volume; /* its number */
	struct lvm_label label;
	struct lvm_text text;
	const struct lvm_node *group; /* in text; NULL: it has none */
};

struct lvm {
	struct volumes *volumes;
	struct pv *pv; /* owned */
	size_t n;
};

/* Of the group that is added. */
struct group {
	struct lvm *lvm;
	const struct lvm_node *node;
	uint64_t extent; /* bytes */
	char why[256];	 /* of the volume that is made: why not */
};

/* ---- finding ---- */

static void
unread(struct lvm *lvm, const struct pv *pv, const struct err *err)
{
	struct volume *v = &lvm->volumes->v[pv->volume];
	char text[1024];

	v->kind = VOLUME_UNREAD;
	(void)snprintf(
	    v->why, sizeof(v->why), "%s", err_text(err, text, sizeof(text)));
}

/* The group is the only section of its text. */
static const struct lvm_node *
first_section(const struct lvm_text *text)
{
	const struct lvm_node *node = text->root != NULL ? text->root->child :
							   NULL;

	while (node != NULL && node->kind != LVM_SECTION)
		node = node->next;
	return node;
}

static int
look_at(struct lvm *lvm, struct pv *pv, struct err *err)
{
	struct err why = ERR_INIT;
	int rc = lvm_label_read(
	    &pv->label, lvm->volumes->v[pv->volume].disk, &why);

	lvm->volumes->v[pv->volume].kind = VOLUME_NOTHING;
	if (rc == 0 && pv->label.text != NULL)
		rc = lvm_text_parse(
		    &pv->text, pv->label.text, pv->label.len, &why);
	if (rc == ERR_NOMEM)
		return err_nomem(err);
	if (rc != 0)
		unread(lvm, pv, &why);
	pv->group = first_section(&pv->text);
	return 0;
}

static int
find_pvs(struct lvm *lvm, struct err *err)
{
	int rc = 0;

	lvm->pv = calloc(lvm->volumes->n + 1, sizeof(*lvm->pv));
	if (lvm->pv == NULL)
		return err_nomem(err);
	for (size_t i = 0; rc == 0 && i < lvm->volumes->n; i++)
		if (strcmp(lvm->volumes->v[i].what, "LVM2") == 0) {
			lvm->pv[lvm->n].volume = i;
			rc = look_at(lvm, &lvm->pv[lvm->n++], err);
		}
	return rc;
}

/* ---- one logical volume ---- */

/* An id, with dashes as people write it, is that of the label. */
static bool
same_id(const struct lvm_node *id, const char label[static LVM_ID])
{
	size_t n = 0;

	for (size_t i = 0; id != NULL && i < id->len; i++)
		if (id->text[i] != '-' &&
		    (n == LVM_ID || id->text[i] != label[n++]))
			return false;
	return n == LVM_ID;
}

/* The disk and first byte of an extent; NULL with group->why. */
static struct disk *
find_extent(struct group *group, const struct lvm_node *name, uint64_t extent,
    uint64_t *ret_off)
{
	const struct lvm_node *pvs = lvm_get(
	    group->node, "physical_volumes", LVM_SECTION);
	const struct lvm_node *pv = pvs != NULL ? pvs->child : NULL;
	const struct lvm *lvm = group->lvm;
	uint64_t start;

	while (pv != NULL &&
	    (pv->kind != LVM_SECTION || pv->name_len != name->len ||
		memcmp(pv->name, name->text, name->len) != 0))
		pv = pv->next;
	for (size_t i = 0; pv != NULL && i < lvm->n; i++) {
		if (!same_id(lvm_get(pv, "id", LVM_TEXT), lvm->pv[i].label.id))
			continue;
		start = lvm_number(pv, "pe_start", 0);
		if (start > EXTENT_MAX ||
		    extent > INT64_MAX / group->extent / 2)
			break;
		*ret_off = start * 512 + extent * group->extent;
		return lvm->volumes->v[lvm->pv[i].volume].disk;
	}
	(void)snprintf(group->why, sizeof(group->why),
	    "part of it lies on another disk, which is not in this image");
	return NULL;
}

/* 0; 1: no, with group->why. */
static int
add_stripes(struct group *group, const struct lvm_node *node,
    struct lv_segment *segment, struct err *err)
{
	const struct lvm_node *list = lvm_get(node, "stripes", LVM_LIST);
	uint64_t n = lvm_number(node, "stripe_count", 0);

	if (n == 0 || n > STRIPES_MAX || list == NULL)
		return 1;
	segment->n = (size_t)n;
	if ((segment->stripes = calloc(
		 segment->n, sizeof(*segment->stripes))) == NULL)
		return err_nomem(err);
	list = list->child;
	for (size_t i = 0; i < segment->n; i++) {
		struct lv_stripe *stripe = &segment->stripes[i];

		if (list == NULL || list->kind != LVM_TEXT ||
		    list->next == NULL || list->next->kind != LVM_NUMBER)
			return 1;
		stripe->disk = find_extent(
		    group, list, list->next->number, &stripe->off);
		if (stripe->disk == NULL)
			return 1;
		list = list->next->next;
	}
	segment->stripe = lvm_number(node, "stripe_size", 0);
	if (segment->stripe > EXTENT_MAX ||
	    (segment->n > 1 && segment->stripe == 0))
		return 1;
	segment->stripe *= 512;
	return 0;
}

static int
add_segment(struct group *group, const struct lvm_node *node,
    struct lv_segment *segment, uint64_t start, struct err *err)
{
	const struct lvm_node *type = lvm_get(node, "type", LVM_TEXT);
	uint64_t extents = lvm_number(node, "extent_count", 0);

	if (type == NULL || (!lvm_is(type, "striped"))) {
		(void)snprintf(group->why, sizeof(group->why),
		    "a logical volume of type %.*s, which is not read",
		    type != NULL ? (int)(type->len < 32 ? type->len : 32) : 0,
		    type != NULL ? type->text : "");
		return 1;
	}
	if (extents == 0 || extents > INT64_MAX / group->extent / 2 ||
	    start > INT64_MAX / 2 ||
	    start / group->extent != lvm_number(node, "start_extent", 0))
		return 1;
	segment->start = start;
	segment->len = extents * group->extent;
	return add_stripes(group, node, segment, err);
}

static bool
is_segment(const struct lvm_node *node)
{
	static const char name[] = "segment";

	return node->kind == LVM_SECTION && node->name_len >= strlen(name) &&
	    memcmp(node->name, name, strlen(name)) == 0;
}

/* 0 with a disk; 1: no, with group->why. */
static int
make_lv(struct group *group, const struct lvm_node *lv, struct disk **ret,
    struct err *err)
{
	uint64_t n = lvm_number(lv, "segment_count", 0), start = 0;
	const struct lvm_node *node = lv->child;
	struct lv_segment *segment;
	int rc = 0;

	(void)snprintf(
	    group->why, sizeof(group->why), "LVM's metadata are damaged");
	/* Each takes more than a byte of the text. */
	if (n == 0 || n > 1000000)
		return 1;
	if ((segment = calloc((size_t)n, sizeof(*segment))) == NULL)
		return err_nomem(err);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		/* They stand in order. */
		while (node != NULL && !is_segment(node))
			node = node->next;
		rc = node == NULL ?
		    1 :
		    add_segment(group, node, &segment[i], start, err);
		start += segment[i].len;
		node = node != NULL ? node->next : NULL;
	}
	if (rc != 0) {
		lv_segments_free(segment, (size_t)n);
		return rc;
	}
	return (*ret = disk_lv(segment, (size_t)n)) != NULL ? 0 :
							      err_nomem(err);
}

/* ---- all of a group ---- */

static bool
has_status(const struct lvm_node *lv, const char *status)
{
	const struct lvm_node *list = lvm_get(lv, "status", LVM_LIST);
	const struct lvm_node *one = list != NULL ? list->child : NULL;

	while (one != NULL && !lvm_is(one, status))
		one = one->next;
	return one != NULL;
}

/* The type of its first segment; NULL: none. */
static const struct lvm_node *
type_of(const struct lvm_node *lv)
{
	const struct lvm_node *first = lvm_get(lv, "segment1", LVM_SECTION);

	return first != NULL ? lvm_get(first, "type", LVM_TEXT) : NULL;
}

/* Whether a snapshot keeps its changes there: it looks like any volume. */
static bool
is_cow(const struct lvm_node *lvs, const struct lvm_node *lv)
{
	const struct lvm_node *one;

	for (one = lvs->child; one != NULL; one = one->next) {
		const struct lvm_node *s = lvm_get(
		    one, "segment1", LVM_SECTION);
		const struct lvm_node *cow = s == NULL ?
		    NULL :
		    lvm_get(s, "cow_store", LVM_TEXT);

		if (cow == NULL && s != NULL)
			cow = lvm_get(s, "merging_store", LVM_TEXT);
		if (cow != NULL && cow->len == lv->name_len &&
		    memcmp(cow->text, lv->name, cow->len) == 0)
			return true;
	}
	return false;
}

/* As the device mapper has it: the name of the group, '-', that of the volume,
 * and their own '-' doubled, so that no two are alike. */
static int
make_name(char *ret, const struct lvm_node *vg, const struct lvm_node *lv)
{
	const struct lvm_node *both[] = { vg, lv };

	for (int i = 0; i < 2; i++) {
		if (both[i]->name_len > NAME_LEN_MAX ||
		    memchr(both[i]->name, '/', both[i]->name_len) != NULL)
			return -1;
		for (size_t k = 0; k < both[i]->name_len; k++) {
			if (both[i]->name[k] == '-')
				*ret++ = '-';
			*ret++ = both[i]->name[k];
		}
		*ret++ = i == 0 ? '-' : '\0';
	}
	return 0;
}

static int
add_lv(struct group *group, const struct lvm_node *lvs,
    const struct lvm_node *lv, struct err *err)
{
	struct volumes *volumes = group->lvm->volumes;
	const struct lvm_node *type = type_of(lv);
	char name[4 * NAME_LEN_MAX + 2];
	struct disk *disk = NULL;
	int rc;

	/* Those that others are made of hold no file system. */
	if (!has_status(lv, "VISIBLE") || lvm_is(type, "thin-pool") ||
	    lvm_is(type, "cache-pool") || lvm_is(type, "vdo-pool"))
		return 0;
	if (make_name(name, group->node, lv) != 0)
		return 1;
	for (size_t i = 0; i < volumes->n; i++)
		if (strcmp(volumes->v[i].name, name) == 0)
			return 1;
	if (is_cow(lvs, lv)) {
		rc = 1;
		(void)snprintf(group->why, sizeof(group->why),
		    "a snapshot of another volume, which is not read");
	} else {
		rc = make_lv(group, lv, &disk, err);
	}
	if (rc < 0)
		return rc;
	if (rc == 1)
		return volumes_add(
		    volumes, name, NULL, VOLUME_UNREAD, group->why, err);
	rc = volumes_add(volumes, name, disk, VOLUME_DATA, NULL, err);
	if (rc == 0 && volumes->v[volumes->n - 1].kind == VOLUME_DATA)
		volume_look(&volumes->v[volumes->n - 1]);
	return rc;
}

/* 0; 1: the text is no group's. */
static int
add_group(struct lvm *lvm, const struct lvm_node *node, struct err *err)
{
	struct group group = { .lvm = lvm, .node = node };
	const struct lvm_node *lvs = lvm_get(
	    node, "logical_volumes", LVM_SECTION);
	int rc = 0, odd = 0;

	group.extent = lvm_number(node, "extent_size", 0);
	if (group.extent == 0 || group.extent > EXTENT_MAX / 512)
		return 1;
	group.extent *= 512;
	/* A new group has none. */
	for (const struct lvm_node *lv = lvs != NULL ? lvs->child : NULL;
	     rc >= 0 && lv != NULL && lvm->volumes->n < VOLUMES_MAX;
	     lv = lv->next) {
		if (lv->kind == LVM_SECTION)
			rc = add_lv(&group, lvs, lv, err);
		odd |= rc == 1;
	}
	return rc < 0 ? rc : odd;
}

/* Whether another copy of the same group is newer, or as new and before it. */
static bool
outdated(const struct lvm *lvm, size_t i)
{
	const struct lvm_node *mine = lvm->pv[i].group;
	const struct lvm_node *id = lvm_get(mine, "id", LVM_TEXT);
	uint64_t seq = lvm_number(mine, "seqno", 0);

	for (size_t k = 0; k < lvm->n; k++) {
		const struct lvm_node *other = lvm->pv[k].group, *other_id;
		uint64_t other_seq;

		if (other == NULL || k == i)
			continue;
		other_id = lvm_get(other, "id", LVM_TEXT);
		other_seq = lvm_number(other, "seqno", 0);
		if (id != NULL && other_id != NULL &&
		    id->len == other_id->len &&
		    memcmp(id->text, other_id->text, id->len) == 0 &&
		    (other_seq > seq || (other_seq == seq && k < i)))
			return true;
	}
	return false;
}

int
lvm_find(struct volumes *volumes, struct err *err)
{
	struct lvm lvm = { .volumes = volumes };
	int rc = find_pvs(&lvm, err);

	for (size_t i = 0; rc == 0 && i < lvm.n; i++) {
		struct pv *pv = &lvm.pv[i];
		struct err why = ERR_INIT;

		if (pv->group == NULL || outdated(&lvm, i))
			continue;
		if ((rc = add_group(&lvm, pv->group, err)) == 1) {
			rc = err_set(
			    &why, ERR_FORMAT, "LVM's metadata are damaged");
			unread(&lvm, pv, &why);
			rc = 0;
		}
	}
	for (size_t i = 0; i < lvm.n; i++) {
		lvm_text_done(&lvm.pv[i].text);
		free(lvm.pv[i].label.text);
	}
	free(lvm.pv);
	return rc;
}
