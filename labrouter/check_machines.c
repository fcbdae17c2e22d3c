/*
 * Check: the machines that are to be verified.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "check_private.h"

/* The router answers for outer addresses inside, too. */
static void
check_outers(struct checker *c, size_t i, const struct lab_machine *machine)
{
	const struct lab_network *net = &c->labs[i]->network[machine->network];
	int line = 0;

	for (size_t k = 0; k < net->n_publish && line == 0; k++)
		if (net->publish[k].outer == machine->addr)
			line = net->publish[k].line;
	for (size_t k = 0; k < net->n_statics && line == 0; k++)
		if (net->statics[k].outer == machine->addr)
			line = net->statics[k].line;
	if (line != 0)
		check_error(c, (struct place){ i, machine->addr_line },
		    (struct place){ i, line },
		    "Address: " IP_FMT " is an outer address; write the "
		    "machine's own, which stands behind the arrow",
		    IP(machine->addr));
}

void
check_machines(struct checker *c)
{
	for (size_t i = 0; i < c->n_labs; i++)
		for (size_t k = 0; k < c->labs[i]->n_machines; k++) {
			const struct lab *lab = c->labs[i];
			const struct lab_machine *machine = &lab->machine[k];

			check_inner(c, (struct place){ i, machine->addr_line },
			    &lab->network[machine->network], "Address",
			    machine->addr);
			check_outers(c, i, machine);
			for (size_t n = 0; n < k; n++) {
				const struct lab_machine *m = &lab->machine[n];

				if (m->network == machine->network &&
				    m->addr == machine->addr)
					check_error(c,
					    (struct place){
						i, machine->addr_line },
					    (struct place){ i, m->addr_line },
					    "Address: " IP_FMT " is another "
					    "machine's in this network; write "
					    "its own",
					    IP(machine->addr));
			}
		}
}
