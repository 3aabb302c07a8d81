"use server";

import { definePublicAction } from "@/lib/actions/define-action";
import { setPasswordByLink } from "@/lib/auth/password-link";
import { setPasswordInput } from "@/lib/auth/schema";
import { err, ok } from "@/lib/result";

export const setPasswordAction = definePublicAction(setPasswordInput, async ({ link, password }) => {
  const set = await setPasswordByLink(link, password);
  return set.ok ? ok(null) : err({ message: { key: "auth.linkSpent" } });
});
