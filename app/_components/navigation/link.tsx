import NextLink from "next/link";
import type { ComponentProps } from "react";

/**
 * A link within the console. Its page is fetched when the link is followed: every page is rendered for its caller,
 * so fetching the pages of all visible links in advance, again after each refresh, would cost a dozen requests a page.
 */
export function Link(props: ComponentProps<typeof NextLink>) {
  return <NextLink prefetch={false} {...props} />;
}
