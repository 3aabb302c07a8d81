import { z } from "zod";
import { email, newPassword } from "@/lib/auth/schema";
import { withoutHidden } from "@/lib/hidden-characters";
import { canonicalTimeZone } from "@/lib/i18n/time-zones";

const NAME_CHARACTERS_MAX = 128;

/** An organization's name: NFKC, without hidden characters, which could make two names look the same (S8). */
export const organizationName = z
  .string({ error: "required" })
  .transform((name) => withoutHidden(name).normalize("NFKC").trim())
  .pipe(z.string().min(1, "required").max(NAME_CHARACTERS_MAX, "nameLong"));

export const signUpInput = z.object({ organization: organizationName, email, password: newPassword });
export type SignUpInput = z.infer<typeof signUpInput>;

export const newOrganizationInput = z.object({ organization: organizationName });

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
