"use client";

import { useTranslations } from "next-intl";
import { Notice } from "@/app/_components/feedback/notice";
import { ClientDateTime } from "@/app/_components/time/client-date-time";
import { releaseKeptAction } from "../actions";
import type { RestoreContext } from "./panel-props";
import { RestoreForm } from "./restore-form";

type Props = {
  readonly object: "department" | "member";
  readonly id: string;
  readonly keptAt: string;
  /** There is something below it, from which the mark can be taken off as well. */
  readonly hasBelow: boolean;
  readonly decider: RestoreContext | null;
  readonly onReleased: () => void;
};

/** That something was restored by hand and no sync removes it, and the way to end that. */
export default function RestoredNotice({ object, id, keptAt, hasBelow, decider, onReleased }: Props) {
  const t = useTranslations("removed");
  const moment = <ClientDateTime at={keptAt} />;
  const onDone = () => {
    onReleased();
    decider?.onDecided([]);
  };
  return (
    <Notice tone="active" title={t("kept")}>
      {t.rich("keptSince", { at: () => moment })}
      {decider && (
        <RestoreForm
          action={releaseKeptAction}
          decider={decider}
          object={object}
          id={id}
          withBelow={hasBelow ? t("releaseBelow") : null}
          help={t("releaseHelp")}
          label={t("release")}
          pendingLabel={t("releasing")}
          said={() => t("released")}
          onDone={onDone}
          isQuiet
        />
      )}
    </Notice>
  );
}
