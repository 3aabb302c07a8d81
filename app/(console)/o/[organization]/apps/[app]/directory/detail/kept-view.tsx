"use client";

import { useTranslations } from "next-intl";
import { Notice } from "@/app/_components/feedback/notice";
import { MomentView } from "@/app/_components/time/date-time-view";
import { releaseKeptAction } from "../actions";
import { DecideForm } from "./decide-form";
import type { Decider } from "./panel-links";

type Props = {
  readonly object: "department" | "member";
  readonly id: string;
  readonly keptAt: string;
  /** There is something below it, from which the mark can be taken off as well. */
  readonly hasBelow: boolean;
  readonly decider: Decider | null;
  readonly onReleased: () => void;
};

/** That something was restored by hand and no sync removes it, and the way to end that. */
export default function KeptView({ object, id, keptAt, hasBelow, decider, onReleased }: Props) {
  const t = useTranslations("removed");
  const moment = <MomentView at={keptAt} />;
  const onDone = () => {
    onReleased();
    decider?.onDecided([]);
  };
  return (
    <Notice tone="active" title={t("kept")}>
      {t.rich("keptSince", { at: () => moment })}
      {decider && (
        <DecideForm
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
