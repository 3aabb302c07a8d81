"use client";

import { Button } from "@mantine/core";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useEffect, useRef, useState } from "react";
import { CopyButton } from "@/app/_components/feedback/copy-button";
import { ChoiceBox } from "@/app/_components/forms/choice-box";
import classes from "./create-key.module.css";

type Props = {
  readonly value: string;
  readonly list: string;
  /** An example call for this key. */
  readonly example: string;
};

const HINT_ID = "made-key-hint";

/** Shows the new key, once. */
export function CreatedKey({ value, list, example }: Props) {
  const t = useTranslations("key");
  const router = useRouter();
  const [isSaved, setSaved] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const done = () => {
    if (isSaved) router.push(list);
  };
  return (
    <section className={classes.made}>
      <h2 ref={heading} tabIndex={-1} data-page-begins>
        {t("once")}
      </h2>
      <div className={classes.key}>
        <code>{value}</code>
        <CopyButton value={value} label={t("copy")} />
      </div>
      <p>{t("onceHelp")}</p>
      <pre className={classes.example}>{example}</pre>
      <ChoiceBox type="checkbox" label={t("saved")} checked={isSaved} onChange={setSaved} />
      <div>
        <Button
          onClick={done}
          aria-disabled={!isSaved}
          data-disabled={!isSaved}
          aria-describedby={isSaved ? undefined : HINT_ID}
        >
          {t("done")}
        </Button>
        {!isSaved && (
          <p id={HINT_ID} className={classes.help}>
            {t("saveFirst")}
          </p>
        )}
      </div>
    </section>
  );
}
