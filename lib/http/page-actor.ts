import "server-only";
import { headers } from "next/headers";
import { forbidden, notFound, redirect } from "next/navigation";
import type { Actor } from "@/lib/auth/actor";
import type { Permission } from "@/lib/auth/permissions";
import { requireActor, requireSignedIn } from "@/lib/auth/request";
import type { SignedIn } from "@/lib/auth/sessions";
import { AppError } from "@/lib/errors";
import { PATH_HEADER } from "@/lib/request/headers";

async function orElsewhere<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (error.code === "not_found") notFound();
    // Only a member is ever told: of what isn't theirs they hear that it isn't there.
    if (error.code === "forbidden") forbidden();
    if (error.code !== "unauthenticated") throw error;
  }
  redirect(`/sign-in?next=${encodeURIComponent(await pathOfPage())}`);
}

/** The page's address as a person has it: without what Next's own script adds when it fetches one. */
async function pathOfPage(): Promise<string> {
  const url = new URL((await headers()).get(PATH_HEADER) ?? "/", "http://page.invalid");
  url.searchParams.delete("_rsc");
  return url.pathname + url.search;
}

/**
 * `requireActor` for pages and the routes that the browser reads: whoever isn't signed in is led to the
 * sign-in page and back, what isn't theirs isn't there, and what their role is too low for says so.
 */
export const pageActor = <P extends Permission>(organization: string, permission: P): Promise<Actor<P>> =>
  orElsewhere(() => requireActor(organization, permission));

/** The same for pages that belong to a person and to no organization. */
export const pageSignedIn = (): Promise<SignedIn> => orElsewhere(requireSignedIn);
