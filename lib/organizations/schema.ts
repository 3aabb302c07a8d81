import { z } from "zod";
import { organizationName } from "@/lib/auth/schema";
import { canonicalTimeZone } from "@/lib/i18n/time-zones";

export const renameOrganizationInput = z.object({ name: organizationName });

/** A time zone by any of its names, converted to this server's name for it. */
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

/** The handler compares the typed confirmation with the organization's name. */
export const deleteOrganizationInput = z.object({ typed: z.string().max(300) });
