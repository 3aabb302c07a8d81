import "server-only";
import { sweepProbes } from "@/lib/app-health/sweep-probes";
import { sweepErased } from "@/lib/dingtalk-apps/erase-app";
import { sweepSyncs } from "@/lib/directory/runs/sweep-runs";
import { sweepSearch } from "@/lib/directory/search/sweep-search";
import type { JobHandler } from "@/lib/jobs/handler";
import { type Chores, doChores, shareAt, walkOrganizations } from "@/lib/jobs/walk-organizations";
import { sweepRenewals } from "@/lib/tokens/renewal/sweep-renewals";

/** Puts back what each feature lost of its jobs. */
const SWEEPS: Chores = { sweepRenewals, sweepProbes, sweepSyncs, sweepSearch, sweepErased };

/**
 * Every organization is looked at once in four hours, some each minute. Work is carried by jobs of its own, so this only
 * mends a queue that lost some; its cost grows with the organizations there are, and not with the work that is due.
 */
const PASS_MINUTES = 4 * 60;

/** Puts back lost jobs of one organization. Costs two transactions when nothing is lost. */
export const sweepOrganization = (organizationId: string): Promise<void> => doChores(organizationId, SWEEPS);

/** Puts back lost jobs of the organizations whose turn it is in this minute. */
export const sweepJob: JobHandler<"sweep"> = (_data, { signal }) =>
  walkOrganizations(sweepOrganization, signal, shareAt(Date.now(), PASS_MINUTES));
