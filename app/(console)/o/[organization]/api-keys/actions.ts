"use server";

import { revalidatePath } from "next/cache";
import type { FormFailure } from "@/lib/action-state";
import { defineAction } from "@/lib/actions/define-action";
import { type CreateFailure, createKey } from "@/lib/api-keys/create-key";
import { revokeKey } from "@/lib/api-keys/revoke-key";
import { createKeyInput, revokeKeyInput } from "@/lib/api-keys/schema";
import { err, ok } from "@/lib/result";

function toFormFailure(failure: CreateFailure): FormFailure {
  if (failure.code === "too_many") return { message: { key: "key.tooMany", values: { max: failure.max } } };
  return { message: { key: "validation.form" }, fieldErrors: { apps: { key: "key.appGone" } } };
}

/** This answer is the only one that contains the key. */
export const createKeyAction = defineAction(
  { permission: "key.manage", input: createKeyInput, isDangerous: true },
  async (actor, input) => {
    const created = await createKey(actor, input);
    const { scopes, appIds, pathPrefixes } = input;
    return created.ok
      ? ok({ key: created.value.key.reveal(), scopes, appIds, pathPrefixes })
      : err(toFormFailure(created.error));
  },
);

export const revokeKeyAction = defineAction(
  { permission: "key.manage", input: revokeKeyInput },
  async (actor, { keyId }) => {
    await revokeKey(actor, keyId);
    revalidatePath("/o/[organization]/api-keys", "page");
    return ok(null);
  },
);
