import "server-only";
import { headers } from "next/headers";
import { forbidden, notFound, redirect } from "next/navigation";
import type { Actor } from "@/lib/auth/actor";
import type { Permission } from "@/lib/auth/permissions";
import { requireActor, requireSignedIn } from "@/lib/auth/require-actor";
import type { SignedIn } from "@/lib/auth/sessions";
import { AppError } from "@/lib/errors";
import { PATH_HEADER } from "@/lib/request/internal-headers";

async function orRedirect<T>(authorize: () => Promise<T>): Promise<T> {
  try {
    return await authorize();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (error.code === "not_found") notFound();
    // Only members of the organization get here: everybody else gets `not_found`.
    if (error.code === "forbidden") forbidden();
    if (error.code !== "unauthenticated") throw error;
  }
  redirect(`/sign-in?next=${encodeURIComponent(await pathOfPage())}`);
}

/** Returns the page's path and query without the parameter of Next's own fetches. */
async function pathOfPage(): Promise<string> {
  const url = new URL((await headers()).get(PATH_HEADER) ?? "/", "http://page.invalid");
  url.searchParams.delete("_rsc");
  return url.pathname + url.search;
}

/** Returns the caller of a page. Redirects to sign-in without a session; shows the 404 or 403 page otherwise. */
export const pageActor = <P extends Permission>(organization: string, permission: P): Promise<Actor<P>> =>
  orRedirect(() => requireActor(organization, permission));

/** Returns the user of a page outside any organization. Redirects to the sign-in page without a session. */
export const pageSignedIn = (): Promise<SignedIn> => orRedirect(requireSignedIn);

/** Shows the 404 page if `reading` fails with `not_found`. */
export async function orNotFound<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof AppError && error.code === "not_found") notFound();
    throw error;
  }
}
