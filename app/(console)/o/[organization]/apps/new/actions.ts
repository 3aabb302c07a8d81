"use server";

import { revalidatePath } from "next/cache";
import { redirect } from "next/navigation";
import type { FormFailure } from "@/lib/action-state";
import { defineAction } from "@/lib/actions/define-action";
import { requestOrigin } from "@/lib/auth/require-actor";
import { type ConnectFailure, connectApp, tryConnection } from "@/lib/dingtalk-apps/connect-app";
import { connectAppInput, credentialsInput } from "@/lib/dingtalk-apps/schema";
import { toPublicId } from "@/lib/public-id";
import { err, ok } from "@/lib/result";

function toFormFailure(failure: ConnectFailure, isSuite: boolean): FormFailure {
  const form = { key: "validation.form" };
  switch (failure.code) {
    case "duplicate":
      return {
        message: form,
        fieldErrors: isSuite
          ? { suiteKey: { key: "connect.duplicateSuite", values: { name: failure.name } } }
          : { appKey: { key: "app.duplicate", values: { name: failure.name } } },
      };
    case "too_many":
      return { message: { key: "app.tooMany", values: { max: failure.max } } };
    case "not_verified":
      return { message: { key: "app.notVerified" } };
  }
}

export const testConnectionAction = defineAction(
  { permission: "app.connect", input: credentialsInput },
  async (actor, input) => {
    const tested = await tryConnection(actor, input, (await requestOrigin()).address);
    return tested.ok ? ok(tested.value) : err(toFormFailure(tested.error, input.kind === "isv"));
  },
);

export const connectAppAction = defineAction(
  { permission: "app.connect", input: connectAppInput },
  async (actor, input) => {
    const connected = await connectApp(actor, input, (await requestOrigin()).address);
    if (!connected.ok) return err(toFormFailure(connected.error, input.kind === "isv"));
    revalidatePath("/o/[organization]", "layout");
    redirect(`/o/${toPublicId(actor.organizationId)}/apps/${connected.value.appId}`);
  },
);
