"use server";

import { revalidatePath } from "next/cache";
import { z } from "zod";
import { defineUserAction } from "@/lib/actions/define-action";
import { changePassword } from "@/lib/auth/change-password";
import { getOwnEmail } from "@/lib/auth/confirm-password";
import { requestAttempt } from "@/lib/auth/require-actor";
import { changePasswordInput } from "@/lib/auth/schema";
import { endSession } from "@/lib/auth/sessions";
import { err, ok } from "@/lib/result";

export const changePasswordAction = defineUserAction(changePasswordInput, async (who, input) => {
  const changed = await changePassword(who, input, await requestAttempt(await getOwnEmail(who)));
  if (!changed.ok) {
    return err({
      message: { key: "validation.form" },
      fieldErrors: { present: { key: "account.presentWrong" } },
    });
  }
  revalidatePath("/account");
  return ok(null);
});

export const endSessionAction = defineUserAction(z.object({ id: z.uuid() }), async (who, { id }) => {
  await endSession(who, id);
  revalidatePath("/account");
  return ok(null);
});
