"use client";

import { useTranslations } from "next-intl";
import { useEffect, useRef } from "react";
import { CopyButton } from "@/app/_components/feedback/copy-button";
import { Notice } from "@/app/_components/feedback/notice";
import { LinkButton } from "@/app/_components/navigation/link-button";
import classes from "./webhooks.module.css";

type Props = {
  readonly secret: string;
  /** Address of a new webhook. */
  readonly next?: string;
};

/** Shows a new secret, once. */
export function ShownSecret({ secret, next }: Props) {
  const t = useTranslations("webhooks");
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <Notice
      tone="caution"
      actions={next !== undefined && <LinkButton href={next}>{t("toWebhook")}</LinkButton>}
    >
      <h2 ref={heading} tabIndex={-1} style={{ fontSize: 14, margin: 0 }} data-page-begins>
        {t("once")}
      </h2>
      <p>{t("onceHelp")}</p>
      <div className={classes.row}>
        <code className={classes.code} data-secret>
          {secret}
        </code>
        <CopyButton value={secret} label={t("copySecret")} />
      </div>
    </Notice>
  );
}
