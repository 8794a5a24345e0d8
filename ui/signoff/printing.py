"""Ctrl+P: the sheet on paper where there is a printer, else as a PDF file."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QStandardPaths
from PySide6.QtPrintSupport import QPrintDialog, QPrinter, QPrinterInfo
from PySide6.QtWidgets import QFileDialog, QWidget

from ui.sheet.data import SheetData
from ui.sheet.render import print_sheet, render_pdf
from ui.theme.theme import Theme


def print_or_save(owner: QWidget, data: SheetData, theme: Theme, number: str) -> str:
    """Ask where to, print or save; return what was done, "" if the person thought better of it."""
    if QPrinterInfo.availablePrinterNames():
        return _print(owner, data, theme)
    name, _kind = QFileDialog.getSaveFileName(
        owner, "存为 PDF", str(_folder() / file_name(number)), "PDF (*.pdf)"
    )
    return save_pdf(data, Path(name), theme) if name else ""


def file_name(number: str) -> str:
    """Return the proposed name. The number is the sender's: nothing in it may lead elsewhere."""
    tidy = "".join(c if c.isalnum() or c in "-_" else "_" for c in number[:60])
    return f"签批单 {tidy}.pdf"


def save_pdf(data: SheetData, path: Path, theme: Theme) -> str:
    """Write the PDF; return what to tell."""
    try:
        pages = render_pdf(data, path, theme)
    except OSError:
        return f"PDF 没存成：{path.parent} 写不进去。请换个位置再存。"
    return f"已存为 PDF，{pages} 页：{path.name}"


def _print(owner: QWidget, data: SheetData, theme: Theme) -> str:
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    dialog = QPrintDialog(printer, owner)
    if dialog.exec() != QPrintDialog.DialogCode.Accepted:
        return ""
    try:
        print_sheet(data, printer, theme)
    except OSError:
        return "没打印成：打印机打不开。请看打印机是否开着、有没有纸。"
    return "已送打印机。"


def _folder() -> Path:
    documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    return Path(documents or ".")
