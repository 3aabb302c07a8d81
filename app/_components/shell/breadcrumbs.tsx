"use client";

import { usePathname } from "next/navigation";
import { useTranslations } from "next-intl";
import { Link } from "../navigation/link";
import classes from "./breadcrumbs.module.css";
import { type Crumb, crumbsOf } from "./crumbs";
import type { ConsoleOrganization } from "./frame-types";
import { usePageTitle } from "./page-title";

/** Breadcrumbs in the header. A phone shows only the last one, as the page's title. */
export function Breadcrumbs({ organization }: { readonly organization: ConsoleOrganization | undefined }) {
  const t = useTranslations("nav");
  const title = usePageTitle();
  const crumbs = crumbsOf(usePathname(), organization);
  if (crumbs.length === 0) return null;
  const labelOf = (crumb: Crumb) => {
    if (crumb.type === "page") return t(crumb.page);
    return crumb.type === "app" ? crumb.name : title;
  };
  const isStart = crumbs.length === 1 && crumbs[0]?.type === "page" && crumbs[0].page === "overview";
  return (
    <nav aria-label={t("breadcrumb")} className={classes.crumbs} data-start={isStart || undefined}>
      <ol className={classes.list}>
        {crumbs.map((crumb, index) => (
          <li key={crumb.href} className={classes.crumb}>
            {index === crumbs.length - 1 ? (
              <span aria-current="page" className={classes.text}>
                <bdi>{labelOf(crumb)}</bdi>
              </span>
            ) : (
              <Link href={crumb.href} className={classes.text}>
                <bdi>{labelOf(crumb)}</bdi>
              </Link>
            )}
          </li>
        ))}
      </ol>
    </nav>
  );
}
