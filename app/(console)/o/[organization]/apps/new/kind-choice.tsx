"use client";

import { useTranslations } from "next-intl";
import { APP_KINDS, type AppKind } from "@/lib/dingtalk-apps/setting-choices";
import classes from "./kind-choice.module.css";

type Props = { readonly kind: AppKind; readonly onChoose: (kind: AppKind) => void };

/** Selects the app's kind, which determines the credentials to enter. */
export function KindChoice({ kind, onChoose }: Props) {
  const t = useTranslations("connect");
  return (
    <fieldset className={classes.kinds}>
      <legend>{t("kind")}</legend>
      {APP_KINDS.map((one) => (
        <label key={one} className={classes.kind}>
          <input
            type="radio"
            name="kind"
            value={one}
            checked={one === kind}
            aria-describedby={`kind-${one}`}
            onChange={() => onChoose(one)}
          />
          <span>
            {t(`kindOf.${one}`)}
            <span id={`kind-${one}`} className={classes.help} aria-hidden>
              {t(`kindHelp.${one}`)}
            </span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
