"use client";

import { Button } from "@mantine/core";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { flushSync } from "react-dom";
import type { DeleteDialog, Deletion } from "./delete-dialog";

/** Opens the dialog that deletes permanently. The dialog is rarely used, so it is loaded on hover or focus. */
export function DeleteButton(props: Deletion) {
  const t = useTranslations("common");
  const [Dialog, setDialog] = useState<typeof DeleteDialog | null>(null);
  const [isOpen, setIsOpen] = useState(false);
  const load = () => import("./delete-dialog");
  const prepare = () => void load().catch(() => undefined);
  const open = () =>
    void load().then(
      (loaded) => {
        // Mounted closed first, so that opening it records the element that gets the focus back.
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
        style={{ alignSelf: "flex-start" }}
      >
        {props.label}
      </Button>
      {Dialog !== null && <Dialog {...props} isOpen={isOpen} onClose={() => setIsOpen(false)} />}
    </>
  );
}
