import { z } from "zod";
import { organizationName } from "@/lib/auth/schema";
import { canonicalTimeZone } from "@/lib/i18n/time-zones";

export const renameOrganizationInput = z.object({ name: organizationName });

/** A zone of this server's own list, by whichever of its names the browser knows it. */
const timeZone = z
  .string({ error: "required" })
  .min(1, "required")
  .max(64, "invalid")
  .transform((name, context) => {
    const canonical = canonicalTimeZone(name);
    if (canonical !== null) return canonical;
    context.addIssue("invalid");
    return z.NEVER;
  });

export const setTimeZoneInput = z.object({ timeZone });

/** The typed confirmation: what is compared is in the handler, for it depends on the shown name. */
export const deleteOrganizationInput = z.object({ typed: z.string().max(300) });
