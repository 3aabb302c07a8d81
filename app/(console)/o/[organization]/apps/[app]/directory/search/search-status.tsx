"use client";

import { Alert, Button } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useTranslations } from "next-intl";
import { useEffect } from "react";
import type { Answer, SearchState } from "@/app/_components/data/use-directory-search";
import { announce } from "@/app/_components/feedback/announce";
import { HITS_MAX } from "@/lib/directory/page-sizes";
import classes from "../directory.module.css";

type Translate = ReturnType<typeof useTranslations<"directory">>;

function countOf({ answer: { found, includesRemoved } }: { readonly answer: Answer }, t: Translate): string {
  const { members } = found;
  const departments = t("departmentsFound", { n: found.total, more: String(found.isMore) });
  const people = t("membersFound", { n: members.total, more: String(members.isMore) });
  const which = found.total === 0 ? "members" : members.total === 0 ? "departments" : "both";
  if (found.total + members.total === 0) return t(includesRemoved ? "noneAtAll" : "none");
  const text = t("found", { which, departments, members: people });
  const isTruncated = found.isMore || members.isMore;
  return isTruncated ? t("tooMany", { found: text, n: HITS_MAX }) : text;
}

function Failure({ sentence, onRetry }: { readonly sentence: string; readonly onRetry: () => void }) {
  const common = useTranslations("common");
  return (
    <Alert color="red" variant="light" icon={<IconAlertTriangle aria-hidden />} role="alert">
      <p className={classes.sentence}>{sentence}</p>
      <Button variant="default" size="xs" onClick={onRetry}>
        {common("retry")}
      </Button>
    </Alert>
  );
}

type Props = {
  readonly state: SearchState;
  readonly onRetry: () => void;
  readonly onRemovedToo: () => void;
};

/** The number of hits or the error, also announced to screen readers. */
export function SearchStatus({ state, onRetry, onRemovedToo }: Props) {
  const t = useTranslations("directory");
  const error = useTranslations("error");
  useEffect(() => {
    if (state.status === "found") announce(countOf(state, t));
  }, [state, t]);
  if (state.status === "failed") {
    if (state.code === "too_slow") return <Failure sentence={t("tooSlow")} onRetry={onRetry} />;
    const onClick = state.code === "unauthenticated" ? () => location.reload() : onRetry;
    return <Failure sentence={error(state.code as never)} onRetry={onClick} />;
  }
  if (state.status !== "found") return null;
  const { found, includesRemoved } = state.answer;
  if (found.total + found.members.total > 0) return <p className={classes.count}>{countOf(state, t)}</p>;
  return (
    <div className={classes.none}>
      <p>{countOf(state, t)}</p>
      <p className={classes.dimmed}>{t("noneHelp")}</p>
      {!includesRemoved && (
        <Button variant="default" size="xs" mt="xs" onClick={onRemovedToo}>
          {t("removedToo")}
        </Button>
      )}
    </div>
  );
}
