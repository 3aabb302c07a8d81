import { getTranslations } from "next-intl/server";
import { encodeCursor } from "@/lib/pagination/cursor";
import type { TwoWayPage } from "@/lib/pagination/two-way-page";
import { addressOf } from "./address-of";
import { Link } from "./link";
import classes from "./pagination.module.css";

type PageLink = "newest" | "newer" | "older" | "first" | "previous" | "next";

type Props = {
  /** The address of each link, in their order; `false` for a page that does not exist. */
  readonly links: Readonly<Partial<Record<PageLink, string | false>>>;
  /** Keeps the scroll position and the focus, for a list below other contents. */
  readonly keepsScroll?: boolean;
};

/** Links to the other pages of a list. */
export async function Pagination({ links, keepsScroll = false }: Props) {
  const t = await getTranslations("pagination");
  const shown = Object.entries(links).filter((link): link is [PageLink, string] => link[1] !== false);
  if (shown.length === 0) return null;
  return (
    // The key remounts the links on each page, so that the focus moves to the heading.
    <nav key={keepsScroll ? "kept" : JSON.stringify(links)} className={classes.pages} aria-label={t("label")}>
      {shown.map(([name, href]) => (
        <Link key={name} href={href} scroll={!keepsScroll}>
          {t(name)}
        </Link>
      ))}
    </nav>
  );
}

type TwoWayProps = {
  readonly base: string;
  readonly filters: Parameters<typeof addressOf>[1];
  readonly page: TwoWayPage<string | number>;
};

/** Links to the newest, next newer and next older page of a list. */
export function TwoWayPagination({ base, filters, page: { newer, older } }: TwoWayProps) {
  return (
    <Pagination
      links={{
        newest: newer !== null && addressOf(base, filters),
        newer: newer !== null && addressOf(base, { ...filters, after: encodeCursor(newer) }),
        older: older !== null && addressOf(base, { ...filters, before: encodeCursor(older) }),
      }}
    />
  );
}
