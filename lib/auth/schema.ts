import { z } from "zod";
import { PASSWORD_CHARACTERS_MAX, PASSWORD_CHARACTERS_MIN } from "./password-length";

const EMAIL_CHARACTERS_MAX = 254;
const NAME_CHARACTERS_MAX = 128;

/** Error messages are keys under `validation` in `messages/`. */
export const email = z
  .string({ error: "required" })
  .trim()
  .toLowerCase()
  .min(1, "required")
  .max(EMAIL_CHARACTERS_MAX, "email")
  .pipe(z.email("email"));

export const newPassword = z
  .string({ error: "required" })
  .min(PASSWORD_CHARACTERS_MIN, "passwordShort")
  .max(PASSWORD_CHARACTERS_MAX, "passwordLong");

export const givenPassword = z
  .string({ error: "required" })
  .min(1, "required")
  .max(PASSWORD_CHARACTERS_MAX, "passwordLong");

/** Control and format characters, which could make two names look the same. */
const INVISIBLE = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

/** An organization's name: NFKC, without control and format characters (S8). */
export const organizationName = z
  .string({ error: "required" })
  .transform((name) => name.replace(INVISIBLE, "").normalize("NFKC").trim())
  .pipe(z.string().min(1, "required").max(NAME_CHARACTERS_MAX, "nameLong"));

export const signInInput = z.object({ email, password: givenPassword });

export const signUpInput = z.object({ organization: organizationName, email, password: newPassword });
export type SignUpInput = z.infer<typeof signUpInput>;

export const newOrganizationInput = z.object({ organization: organizationName });

export const changePasswordInput = z.object({ present: givenPassword, password: newPassword });

export const setPasswordInput = z.object({ link: z.string().max(200), password: newPassword });
