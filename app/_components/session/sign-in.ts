"use client";

import type { ActionState } from "@/lib/action-state";
import { postToNextAuth } from "./next-auth-post";

const SECONDS_PER_MINUTE = 60;

/** Translates next-auth's error string, which `authorize` in lib/auth writes. */
function toFailure(error: string): ActionState<null> {
  const [kind, seconds] = error.split(":");
  if (kind === "throttled") {
    const minutes = Math.ceil(Number(seconds) / SECONDS_PER_MINUTE);
    return { status: "failed", message: { key: "auth.throttled", values: { minutes } } };
  }
  if (kind === "unavailable" || kind === "internal")
    return { status: "failed", message: { key: `error.${kind}` } };
  return { status: "failed", message: { key: "auth.wrong" } };
}

/** Signs in through next-auth's route, which sets the session cookie. */
export async function signInWithPassword(form: FormData): Promise<ActionState<null>> {
  const text = (name: string) => {
    const value = form.get(name);
    return typeof value === "string" ? value : "";
  };
  const fields = { email: text("email"), password: text("password") };
  const answer = await postToNextAuth("callback/credentials", fields);
  if (!answer) return { status: "failed", message: { key: "error.network" } };
  const error = answer.searchParams.get("error");
  return error === null ? { status: "done", data: null } : toFailure(error);
}
