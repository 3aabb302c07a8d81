"use client";

import { Button } from "@mantine/core";
import dynamic from "next/dynamic";
import { useState } from "react";
import type { Deletion } from "./delete-dialog";
import classes from "./delete-with-name.module.css";

const loadDialog = () => import("./delete-dialog").then(({ DeleteDialog: Dialog }) => Dialog);
const DeleteDialog = dynamic(loadDialog, { ssr: false });

/** Deletes for good: opens a dialog, which few will ever see, so that it is loaded when somebody comes near. */
export function DeleteWithName(props: Deletion) {
  const [isWanted, setIsWanted] = useState(false);
  const [isOpen, setIsOpen] = useState(false);
  const prepare = () => void loadDialog().catch(() => undefined);
  const open = () => {
    setIsWanted(true);
    setIsOpen(true);
  };
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
      {isWanted && <DeleteDialog {...props} isOpen={isOpen} onClose={() => setIsOpen(false)} />}
    </>
  );
}
