"use server";

import { definePublicAction } from "@/lib/actions/define-action";
import { requestAttempt } from "@/lib/auth/require-actor";
import { signUpInput } from "@/lib/organizations/schema";
import { signUp } from "@/lib/organizations/sign-up";
import { toPublicId } from "@/lib/public-id";
import { err, ok } from "@/lib/result";

export const signUpAction = definePublicAction(signUpInput, async (input) => {
  const created = await signUp(input, await requestAttempt(input.email));
  if (!created.ok) return err({ message: { key: "auth.signUpWrong" } });
  return ok({ organization: toPublicId(created.value) });
});
