import { z } from "zod";
import { PASSWORD_CHARACTERS_MAX, PASSWORD_CHARACTERS_MIN } from "./password-length";

const EMAIL_CHARACTERS_MAX = 254;
const NAME_CHARACTERS_MAX = 128;

/** Messages are keys under `validation` in `messages/`. */
export const email = z
  .string({ error: "required" })
  .trim()
  .toLowerCase()
  .min(1, "required")
  .max(EMAIL_CHARACTERS_MAX, "email")
  .pipe(z.email("email"));

/** Longer ones are refused before anything is hashed. */
export const newPassword = z
  .string({ error: "required" })
  .min(PASSWORD_CHARACTERS_MIN, "passwordShort")
  .max(PASSWORD_CHARACTERS_MAX, "passwordLong");

/** A password that is being checked, not chosen. */
export const givenPassword = z
  .string({ error: "required" })
  .min(1, "required")
  .max(PASSWORD_CHARACTERS_MAX, "passwordLong");

/** Control and direction marks: they could make one name look like another. */
const INVISIBLE = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

/** The name of an organization: NFKC, without control and direction marks (S8). */
export const organizationName = z
  .string({ error: "required" })
  .transform((name) => name.replace(INVISIBLE, "").normalize("NFKC").trim())
  .pipe(z.string().min(1, "required").max(NAME_CHARACTERS_MAX, "nameLong"));

export const signInInput = z.object({ email, password: givenPassword });

export const signUpInput = z.object({ organization: organizationName, email, password: newPassword });
export type SignUpInput = z.infer<typeof signUpInput>;

/** A further organization, of somebody who is signed in. */
export const newOrganizationInput = z.object({ organization: organizationName });

export const changePasswordInput = z.object({ present: givenPassword, password: newPassword });

export const setPasswordInput = z.object({ link: z.string().max(200), password: newPassword });
