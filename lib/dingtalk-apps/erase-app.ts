import "server-only";
import { eraseDirectory, sweepErasures } from "@/lib/directory/retention/erase-directory";
import type { JobHandler } from "@/lib/jobs/queues";
import { deleteOrganizationId } from "@/lib/organizations/delete-organization-id";

export const eraseAppJob: JobHandler<"app.erase"> = async (app, { signal }) => {
  await eraseDirectory(app, signal);
  await deleteOrganizationId(app.organizationId);
};

/** Sends lost jobs again. @returns the number of apps that are still to be erased */
export async function sweepErased(organizationId: string): Promise<number> {
  const [left] = await Promise.all([sweepErasures(organizationId), deleteOrganizationId(organizationId)]);
  return left;
}
