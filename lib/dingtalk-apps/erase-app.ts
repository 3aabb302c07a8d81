import "server-only";
import { eraseDirectory, sweepErasing } from "@/lib/directory/retention/erase-directory";
import type { JobHandler } from "@/lib/jobs/queues";
import { forgetOrganization } from "@/lib/organizations/forget-organization";

/** Erases what is left of an app that is deleted, and of its organization, if that is too. */
export const eraseAppJob: JobHandler<"app.erase"> = async (app, { signal }) => {
  await eraseDirectory(app, signal);
  await forgetOrganization(app.organizationId);
};

/** Puts back what was lost of that work. @returns how many apps are left to be erased */
export async function sweepErased(organizationId: string): Promise<number> {
  const [left] = await Promise.all([sweepErasing(organizationId), forgetOrganization(organizationId)]);
  return left;
}
