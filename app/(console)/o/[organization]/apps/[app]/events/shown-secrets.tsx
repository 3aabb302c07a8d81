"use client";

import { useTranslations } from "next-intl";
import { useEffect, useRef } from "react";
import { CopyButton } from "@/app/_components/feedback/copy-button";
import { Notice } from "@/app/_components/feedback/notice";
import classes from "./events.module.css";

type Props = {
  readonly secrets: readonly { readonly kind: "path" | "token" | "aes_key"; readonly value: string }[];
};

/** Shows new secrets, once. */
export function ShownSecrets({ secrets }: Props) {
  const t = useTranslations("events");
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <Notice tone="caution">
      <h3 ref={heading} tabIndex={-1} style={{ fontSize: 14, margin: 0 }}>
        {t("once")}
      </h3>
      <p>{t("onceHelp")}</p>
      {secrets.map(({ kind, value }) => (
        <div key={kind}>
          <span className={classes.dimmed}>{t(`secret.${kind}`)}</span>
          <div className={classes.secret}>
            <code data-secret={kind}>{value}</code>
            <CopyButton value={value} label={t(`copySecret.${kind}`)} />
          </div>
        </div>
      ))}
    </Notice>
  );
}
