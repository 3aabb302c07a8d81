"use client";

import { signOut } from "next-auth/react";
import { loadPage } from "./load-page";

/** Ends the session, and leaves nothing of its pages in this tab. */
export async function signOutHere(): Promise<void> {
  await signOut({ redirect: false });
  loadPage("/sign-in");
}
