import { getTranslations } from "next-intl/server";
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
