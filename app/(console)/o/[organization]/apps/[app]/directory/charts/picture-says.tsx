"use client";

import { Button } from "@mantine/core";
import { useTranslations } from "next-intl";
import classes from "./pictures.module.css";
import type { PictureState } from "./use-picture";

type Props = {
  readonly state: PictureState<unknown>;
  /** Out of a department that isn't there. */
  readonly onAll: () => void;
};

/** Why there is no picture: it is on its way, or couldn't be read. */
export function PictureSays({ state: { picture, isLoading, failure, retry }, onAll }: Props) {
  const t = useTranslations("pictures");
  const error = useTranslations("error");
  const common = useTranslations("common");
  if (isLoading && !picture) return <p className={classes.late}>{t("loading")}</p>;
  if (!failure) return null;
  const isGone = failure === "not_found" || failure === "invalid_input";
  const onRetry = () => (failure === "unauthenticated" ? location.reload() : retry());
  return (
    <div className={classes.failure} role="alert">
      <p>{isGone ? t("gone") : error(failure as never)}</p>
      <Button variant="default" size="xs" onClick={isGone ? onAll : onRetry}>
        {isGone ? t("toAll") : common("retry")}
      </Button>
    </div>
  );
}
