"use client";

import { loadPage } from "../navigation/load-page";
import { postToNextAuth } from "./next-auth-post";

/** Ends the session and replaces the page, so that nothing of the session stays in the tab. */
export async function signOut(): Promise<void> {
  await postToNextAuth("signout");
  loadPage("/sign-in");
}
