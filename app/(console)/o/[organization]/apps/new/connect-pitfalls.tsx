"use client";

import { useTranslations } from "next-intl";
import { CopyButton } from "@/app/_components/feedback/copy-button";
import { Notice } from "@/app/_components/feedback/notice";
import type { AppKind } from "@/lib/dingtalk-apps/setting-choices";
import classes from "./connect.module.css";

type Props = { readonly kind: AppKind; readonly egress: readonly string[] };

/** Warns about causes of failure besides wrong values: unreleased version, missing authorization, IP allowlist. */
export function ConnectPitfalls({ kind, egress }: Props) {
  const t = useTranslations("connect");
  const at = useTranslations("fault.place");
  return (
    <Notice tone="caution">
      {kind === "isv" ? (
        <p className={classes.trap}>{t("authorizeFirst")}</p>
      ) : (
        <>
          <p className={classes.trap}>{t("release")}</p>
          <p className={classes.trapPlace}>{t("releaseWhere", { place: at("P5") })}</p>
        </>
      )}
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
