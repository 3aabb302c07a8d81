import type { Topic } from "./mutant";
import { gateway } from "./topics/gateway";
import { keys } from "./topics/keys";
import { people } from "./topics/people";
import { reading } from "./topics/reading";
import { syncs } from "./topics/syncs";
import { tenancy } from "./topics/tenancy";
import { tokens } from "./topics/tokens";
import { webhooks } from "./topics/webhooks";

/** Mutants of guarantees that involve the database or several files. */
export const MUTANTS: readonly Topic[] = [people, tenancy, keys, tokens, gateway, syncs, reading, webhooks];
