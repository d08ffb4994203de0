#!/usr/bin/env bash
# Makes the fonts in this folder again, on Debian 12. What for, and under which licence: README.md.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
# The time that the merged font carries.
export SOURCE_DATE_EPOCH=1609459200

# The packages are unpacked here, not installed.
apt-get download fonts-noto-cjk=1:20220127+repack1-1 fonts-noto-core=20201225-1
for package in *.deb; do dpkg -x "$package" unpacked; done
npm pack --silent @expo-google-fonts/noto-emoji@0.4.7
tar xf expo-google-fonts-noto-emoji-0.4.7.tgz
python3 -m venv python
python/bin/pip install --quiet fonttools==4.63.0
noto=unpacked/usr/share/fonts

# The characters of GB 2312: its rows 1, 3, 4 and 5 (punctuation, full-width ASCII, kana) and all
# ideographs, rows 16 to 87. Then what UIs want and GB 2312 has not.
python/bin/python - >chinese.txt <<'PYTHON'
for row in [1, 3, 4, 5, *range(16, 88)]:
    for cell in range(1, 95):
        try:
            print(bytes([0xA0 + row, 0xA0 + cell]).decode("gb2312"), end="")
        except UnicodeDecodeError:
            pass  # A hole in the table.
print("ー〜﹏＿｜～－＂＇￥￡￠￢｟｠〝〞〟〾〇々〆ヶヵ①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳㈠㈡㈢㈣㈤℃№")
PYTHON

subset() { # FILE OUTPUT ARGUMENTS…
    python/bin/pyftsubset "$1" --output-file="$2" --layout-features= --no-hinting --name-IDs='*' \
        --drop-tables+=BASE,DSIG,GDEF,GPOS,GSUB,STAT,VORG,gasp,vhea,vmtx "${@:3}"
}

# Face 2 of the collection is the one for simplified Chinese.
subset $noto/opentype/noto/NotoSansCJK-Regular.ttc "$here/NotoSansCJKsc-Regular.subset.otf" \
    --font-number=2 --text-file=chinese.txt

# Technical signs, geometric shapes, signs and dingbats, Braille (spinners). Box drawing and arrows
# are in Hack, which egui has.
subset $noto/truetype/noto/NotoSansSymbols2-Regular.ttf two.ttf \
    --unicodes=2300-23FF,25A0-25FF,2600-27BF,2800-28FF,2B00-2BFF
# What the former has not: ⌃⎇⎋ and ⋮⟳⟲.
subset $noto/truetype/noto/NotoSansSymbols-Regular.ttf one.ttf --unicodes=2303,2387,238B
subset $noto/truetype/noto/NotoSansMath-Regular.ttf math.ttf --unicodes=22EE,27F2,27F3
python/bin/pyftmerge --output-file=merged.ttf two.ttf one.ttf math.ttf
subset merged.ttf "$here/NotoSansSymbols.subset.ttf" --unicodes='*'

# Every emoji of one character; those of several come apart without layout features.
subset package/400Regular/NotoEmoji_400Regular.ttf "$here/NotoEmoji-Regular.subset.ttf" --unicodes='*'
