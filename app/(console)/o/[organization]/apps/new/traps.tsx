"use client";

import { useTranslations } from "next-intl";
import { CopyButton } from "../../../../../_components/copy-button";
import { Notice } from "../../../../../_components/notice";
import classes from "./connect.module.css";

/** What makes right values fail: no released version, and a list of addresses that ours isn't on. */
export function Traps({ egress }: { readonly egress: readonly string[] }) {
  const t = useTranslations("app");
  const at = useTranslations("fault.place");
  return (
    <Notice tone="caution">
      <p className={classes.trap}>{t("release")}</p>
      <p className={classes.trapPlace}>{t("releaseWhere", { place: at("P5") })}</p>
      {egress.length > 0 && (
        <>
          <p className={classes.trap}>{t("allowThese")}</p>
          <ul className={classes.addresses}>
            {egress.map((address) => (
              <li key={address}>
                <code>{address}</code>
                <CopyButton value={address} label={t("copyAddress", { address })} />
              </li>
            ))}
          </ul>
          <p className={classes.trapPlace}>{t("allowWhere", { place: at("P4") })}</p>
        </>
      )}
    </Notice>
  );
}
