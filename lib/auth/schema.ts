import { z } from "zod";
import { PASSWORD_CHARACTERS_MAX, PASSWORD_CHARACTERS_MIN } from "./password-length";

const EMAIL_CHARACTERS_MAX = 254;

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

export const signInInput = z.object({ email, password: givenPassword });

export const changePasswordInput = z.object({ present: givenPassword, password: newPassword });

export const setPasswordInput = z.object({ link: z.string().max(200), password: newPassword });
