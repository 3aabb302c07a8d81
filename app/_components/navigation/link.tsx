import NextLink from "next/link";
import type { ComponentProps } from "react";

/**
 * A link within the console, without Next's prefetching: pages are rendered per user, so prefetching every visible
 * link again after each refresh would cost a dozen requests a page.
 */
export function Link(props: ComponentProps<typeof NextLink>) {
  return <NextLink prefetch={false} {...props} />;
}
