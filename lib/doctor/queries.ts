import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { inOrganization } from "@/lib/db/unit-of-work";
import { notFound } from "@/lib/errors";
import { isUuid } from "@/lib/public-id";
import { type DoctorChecks, toChecks } from "./schema";

/** Returns the stored results of an app's checks. Checks that never ran are missing. */
export async function getDoctorReport(
  { organizationId }: Actor<"app.read">,
  appId: string,
): Promise<DoctorChecks> {
  if (!isUuid(appId)) throw notFound("app");
  const app = await inOrganization({ organizationId }, (tx) =>
    tx.dingtalkApp.findUnique({
      where: { organizationId_id: { organizationId, id: appId } },
      select: { doctorReport: { select: { checks: true } } },
    }),
  );
  if (!app) throw notFound("app");
  return toChecks(app.doctorReport?.checks ?? {});
}
