"use client";

import { useSearchParams } from "next/navigation";
import { useTranslations } from "next-intl";
import { Link } from "@/app/_components/navigation/link";
import { PICTURES, type Picture } from "@/lib/directory/pictures/kinds";
import classes from "./pictures.module.css";

const VIEWS = ["tree", ...PICTURES] as const;

/** How the directory is shown: as the tree, or as one of the pictures. The department that is selected stays so. */
export function ViewSwitch({ view }: { readonly view: "tree" | Picture }) {
  const t = useTranslations("directory");
  const parameters = useSearchParams();
  // Pictures are of the present.
  if (parameters.has("at")) return null;
  const node = parameters.get("node");
  const addressOf = (one: (typeof VIEWS)[number]) =>
    `?${new URLSearchParams({ ...(one !== "tree" && { view: one }), ...(node !== null && { node }) }).toString()}`;
  return (
    <nav aria-label={t("view.name")} className={classes.views}>
      {VIEWS.map((one) => (
        <Link key={one} href={addressOf(one)} aria-current={one === view ? "page" : undefined} scroll={false}>
          {t(`view.${one}`)}
        </Link>
      ))}
    </nav>
  );
}
