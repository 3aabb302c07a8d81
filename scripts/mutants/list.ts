import type { Topic } from "./mutant";
import { gateway } from "./topics/gateway";
import { keys } from "./topics/keys";
import { people } from "./topics/people";
import { reading } from "./topics/reading";
import { syncs } from "./topics/syncs";
import { tenancy } from "./topics/tenancy";
import { tokens } from "./topics/tokens";

/** Guarantees that need the database, or several files, to be seen. */
export const MUTANTS: readonly Topic[] = [people, tenancy, keys, tokens, gateway, syncs, reading];
