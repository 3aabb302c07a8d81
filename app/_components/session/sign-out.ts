"use client";

import { loadPage } from "../navigation/load-page";
import { postToNextAuth } from "./next-auth-post";

/** Ends the session, and leaves nothing of its pages in this tab. */
export async function signOutHere(): Promise<void> {
  await postToNextAuth("signout");
  loadPage("/sign-in");
}
