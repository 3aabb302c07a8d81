"use client";

import { Button } from "@mantine/core";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { flushSync } from "react-dom";
import classes from "./delete-button.module.css";
import type { DeleteDialog, Deletion } from "./delete-dialog";

/** Deletes for good: opens a dialog, which few will ever see, so that it is loaded when somebody comes near. */
export function DeleteButton(props: Deletion) {
  const t = useTranslations("common");
  const [Dialog, setDialog] = useState<typeof DeleteDialog | null>(null);
  const [isOpen, setIsOpen] = useState(false);
  const load = () => import("./delete-dialog");
  const prepare = () => void load().catch(() => undefined);
  const open = () =>
    void load().then(
      (loaded) => {
        // Closed first: it gives the focus back to what had it when it opened.
        flushSync(() => setDialog(() => loaded.DeleteDialog));
        setIsOpen(true);
      },
      () => window.alert(t("network")),
    );
  return (
    <>
      <Button
        variant="outline"
        color="red"
        onFocus={prepare}
        onPointerEnter={prepare}
        onClick={open}
        className={classes.open}
      >
        {props.label}
      </Button>
      {Dialog !== null && <Dialog {...props} isOpen={isOpen} onClose={() => setIsOpen(false)} />}
    </>
  );
}
