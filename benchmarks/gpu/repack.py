#!/usr/bin/env python3
"""repack.py FOLDER JAR...: the jars without compression and without other platforms' native libraries, so that xz has all of it to work on."""

import re
import sys
import zipfile
from pathlib import Path

# Native libraries of other platforms, and what is read by tools alone.
LEFT_OUT = re.compile(
    r"native/lib/(?!linux-x86_64/).*"
    r"|com/sun/jna/(?!linux-x86-64/)[^/]+/(lib)?jnidispatch\..*"
    r"|org/jline/nativ/(?!Linux/x86_64/)[^/]+/.*\.(so|dll|jnilib|dylib)"
    r"|org/bytedeco/dnnl/.*/(include|lib)/.*|.*/libjnidnnl\.so|.*/libdnnl\.so.*|.*/libgomp\.so.*"
    r"|META-INF/.*\.(SF|RSA|DSA)|META-INF/native-image/.*|nlp/.*"
)


def repack(jar, folder):
    """Writes the jar's namesake into the folder."""
    with zipfile.ZipFile(jar) as source, zipfile.ZipFile(folder / jar.name, "w", zipfile.ZIP_STORED) as target:
        for entry in source.infolist():
            if not entry.is_dir() and not LEFT_OUT.fullmatch(entry.filename):
                target.writestr(zipfile.ZipInfo(entry.filename, entry.date_time), source.read(entry))


for name in sys.argv[2:]:
    repack(Path(name), Path(sys.argv[1]))
