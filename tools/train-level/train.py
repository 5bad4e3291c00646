"""Trains the level network of sensing/level and writes its weights.

    python3 tools/train-level/train.py IVSET_TRAIN_DIR OUT.json [--epochs N] [--threads N]

Needs Debian's python3-torch, python3-numpy and python3-pil. The data is `ivset/train` (rendered pictures with truth.jsonl); nothing of `dev` is read.
The network reads a picture of 64 x 160 RGB and says in which row the liquid's level lies and where the interior begins and ends (a distribution over 80 rows each),
whether a container hangs there, and from these the fraction with its uncertainty. The operations are those that sensing/level/network.ts carries out.
"""
import argparse, base64, json, math, os, random, time
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from PIL import Image

WIDTH, HEIGHT, ROWS = 64, 160, 80
KINDS = ['bag', 'pp_bottle', 'glass_bottle']


def load(folder):
    truth = [json.loads(line) for line in open(os.path.join(folder, 'truth.jsonl'))]
    pictures = np.zeros((len(truth), HEIGHT, WIDTH, 3), np.uint8)
    for index, row in enumerate(truth):
        picture = Image.open(os.path.join(folder, row['file'])).convert('RGB')
        pictures[index] = np.asarray(picture.resize((WIDTH, HEIGHT), Image.BOX))
    return pictures, truth


class Block(nn.Module):
    def __init__(self, into, out, stride, dilation):
        super().__init__()
        self.conv = nn.Conv2d(into, out, 3, stride, dilation, dilation, bias=False)
        self.norm = nn.BatchNorm2d(out)
        self.skip = into == out

    def forward(self, x):
        y = F.relu(self.norm(self.conv(x)))
        return x + y if self.skip else y


class LevelNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 16, 3, 2, 1, bias=False)
        self.norm = nn.BatchNorm2d(16)
        self.blocks = nn.ModuleList([
            Block(16, 20, (1, 2), (1, 1)),
            Block(20, 28, (1, 2), (1, 1)),
            Block(28, 28, (1, 1), (2, 1)),
            Block(28, 28, (1, 1), (4, 2)),
        ])
        self.gaze = nn.Conv2d(28, 2, 1)
        self.row1 = nn.Conv1d(112, 48, 7, padding=3)
        self.row2 = nn.Conv1d(48, 48, 7, padding=9, dilation=3)
        self.row3 = nn.Conv1d(48, 48, 5, padding=16, dilation=8)
        self.scene = nn.Linear(56, 48)
        self.heat = nn.Conv1d(48, 3, 5, padding=2)
        self.whole1 = nn.Linear(28 + 28 + 48, 48)
        self.whole2 = nn.Linear(48, 4)
        self.last1 = nn.Linear(3 + 3 + 3 + 48, 48)
        self.last2 = nn.Linear(48, 2)

    def forward(self, x):
        x = F.relu(self.norm(self.first(x)))
        for block in self.blocks:
            x = block(x)
        # Each row is summed up by its mean, its maximum and what two gazes across it dwell on: the container, not what stands beside it.
        gaze = torch.softmax(self.gaze(x), 3)
        seen = torch.einsum('bcyx,bgyx->bgcy', x, gaze).flatten(1, 2)
        rows = torch.cat([x.mean(3), x.amax(3), seen], 1)
        scene = torch.cat([x.mean((2, 3)), x.amax((2, 3))], 1)
        rows = F.relu(self.row1(rows) + self.scene(scene)[:, :, None])
        rows = F.relu(self.row2(rows)) + rows
        rows = F.relu(self.row3(rows)) + rows
        heat = self.heat(rows)
        share = torch.softmax(heat, 2)
        index = (torch.arange(ROWS, dtype=x.dtype) + 0.5) / ROWS
        mean = (share * index).sum(2)
        spread = torch.sqrt((share * (index[None, None] - mean[:, :, None]) ** 2).sum(2) + 1e-6)
        whole = F.relu(self.whole1(torch.cat([scene, rows.amax(2)], 1)))
        kind = self.whole2(whole)
        height = ((mean[:, 2] - mean[:, 0]) / (mean[:, 2] - mean[:, 1]).clamp(min=0.05)).clamp(-0.3, 1.5)
        last = F.relu(self.last1(torch.cat([mean, spread, torch.stack([height, height ** 2, height ** 3], 1), whole], 1)))
        last = self.last2(last)
        return heat, mean, kind, height + last[:, 0], last[:, 1]


def augment(picture, generator):
    """A random view of a picture, by affine warp and changes of light; returns it with the map from old to new rows."""
    scale = math.exp(generator.uniform(-0.16, 0.16))
    stretch = math.exp(generator.uniform(-0.08, 0.08))
    angle = math.radians(generator.uniform(-3, 3))
    dx, dy = generator.uniform(-9, 9), generator.uniform(-12, 12)
    flip = generator.random() < 0.5
    return scale, stretch, angle, dx, dy, flip


def batch_of(pictures, truth, indices, generator, train):
    x = torch.from_numpy(pictures[indices].astype(np.float32) / 255).permute(0, 3, 1, 2)
    n = len(indices)
    rows = np.full((n, 3), np.nan, np.float32)
    fraction = np.zeros(n, np.float32)
    present = np.zeros(n, np.float32)
    kind = np.zeros(n, np.int64)
    theta = np.zeros((n, 2, 3), np.float32)
    for k, index in enumerate(indices):
        row = truth[index]
        scale, stretch, angle, dx, dy, flip = augment(None, generator) if train else (1, 1, 0, 0, 0, False)
        # affine_grid maps new (normalised) places to old ones; rotation is small enough to leave rows as they are at the container's middle.
        sx, sy = 1 / (scale * stretch), stretch / scale
        ratio = 240 / 320
        theta[k] = [[sx * math.cos(angle) * (-1 if flip else 1), sx * math.sin(angle) / ratio, -2 * dx / 120],
                    [-sy * math.sin(angle) * ratio * (-1 if flip else 1), sy * math.cos(angle), -2 * dy / 160]]
        if row['fraction'] is None:
            continue
        present[k] = 1
        fraction[k] = row['fraction']
        kind[k] = KINDS.index(row['container'])
        # An empty container has no level.
        places = np.array([math.nan if v is None else v for v in (row['level_row'], *row['interior_rows'])], np.float32) / 320
        # Inverse of y_old = sy' * y_new + offset at the column of the container's middle.
        middle = (row['bbox'][0] + row['bbox'][2]) / 2 / 240 * 2 - 1
        new_x = (middle - theta[k][0][2]) / theta[k][0][0]
        rows[k] = (((places * 2 - 1) - theta[k][1][2] - theta[k][1][0] * new_x) / theta[k][1][1] + 1) / 2
    if train:
        grid = F.affine_grid(torch.from_numpy(theta), list(x.shape), align_corners=False)
        x = F.grid_sample(x, grid, padding_mode='reflection', align_corners=False)
        gain = torch.empty(n, 1, 1, 1).uniform_(0.65, 1.4)
        gamma = torch.empty(n, 1, 1, 1).uniform_(0.7, 1.4)
        tint = torch.empty(n, 3, 1, 1).uniform_(0.88, 1.12)
        grey = (torch.rand(n, 1, 1, 1) < 0.25).float()
        x = (x.clamp(1e-4, 1) ** gamma * gain * tint).clamp(0, 1)
        x = grey * x.mean(1, keepdim=True) + (1 - grey) * x
        x = (x + torch.randn_like(x) * torch.empty(n, 1, 1, 1).uniform_(0, 0.03)).clamp(0, 1)
        for k in range(n):
            if generator.random() < 0.3:
                h, w = generator.randint(8, 40), generator.randint(4, 16)
                top, left = generator.randint(0, HEIGHT - h), generator.randint(0, WIDTH - w)
                x[k, :, top:top + h, left:left + w] = torch.rand(3, 1, 1) * 0.9
    return (x - 0.5) / 0.25, torch.from_numpy(rows), torch.from_numpy(fraction), torch.from_numpy(present), torch.from_numpy(kind)


def loss_of(net, batch):
    x, rows, fraction, present, kind = batch
    heat, mean, kinds, guess, log_sigma = net(x)
    index = (torch.arange(ROWS) + 0.5) / ROWS
    wide = 0.012
    known = torch.isfinite(rows).float()
    rows = torch.nan_to_num(rows, 0.5)
    target = torch.exp(-0.5 * ((index - rows[:, :, None]) / wide) ** 2)
    target = target / target.sum(2, keepdim=True).clamp(min=1e-6)
    weight = torch.tensor([1.0, 0.4, 0.4])
    entropy = -(target * F.log_softmax(heat, 2)).sum(2)
    where = (entropy * weight * known).sum() / present.sum().clamp(min=1)
    place = ((mean - rows).abs() * weight * known).sum() / present.sum().clamp(min=1)
    log_sigma = log_sigma.clamp(-5, 1)
    error = (guess - fraction).abs()
    amount = ((error / torch.exp(log_sigma) + log_sigma) * present).sum() / present.sum().clamp(min=1)
    plain = (error * present).sum() / present.sum().clamp(min=1)
    there = F.binary_cross_entropy_with_logits(kinds[:, 3], present)
    which = (F.cross_entropy(kinds[:, :3], kind, reduction='none') * present).sum() / present.sum().clamp(min=1)
    return 0.6 * where + 4 * place + 0.4 * amount + 4 * plain + there + 0.2 * which


def fold(conv, norm):
    scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    return conv.weight * scale.reshape(-1, 1, 1, 1), norm.bias - norm.running_mean * scale


def export(net, path, note):
    layers = []
    def put(name, weight, bias):
        layers.append({'name': name, 'shape': list(weight.shape), 'weight': pack(weight), 'bias': pack(bias)})
    def pack(values):
        return base64.b64encode(values.detach().numpy().astype('<f2').tobytes()).decode()
    put('first', *fold(net.first, net.norm))
    for number, block in enumerate(net.blocks):
        put(f'block{number}', *fold(block.conv, block.norm))
    for name in ('gaze', 'row1', 'row2', 'row3', 'scene', 'heat', 'whole1', 'whole2', 'last1', 'last2'):
        layer = getattr(net, name)
        put(name, layer.weight, layer.bias)
    json.dump({'origin': note, 'layers': layers}, open(path, 'w'))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('folder')
    parser.add_argument('out')
    parser.add_argument('--epochs', type=int, default=120)
    parser.add_argument('--threads', type=int, default=1)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--hold-out', type=int, default=0, help='measure on every Nth sequence instead of training on it')
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    np.random.seed(options.seed)
    generator = random.Random(options.seed)
    pictures, truth = load(options.folder)
    sequences = sorted({row['seq'] for row in truth})
    held = set(sequences[::options.hold_out]) if options.hold_out else set()
    learn = [i for i, row in enumerate(truth) if row['seq'] not in held]
    check = [i for i, row in enumerate(truth) if row['seq'] in held]
    # Pictures without a container are few: they are shown more often.
    empty = [i for i in learn if truth[i]['fraction'] is None]
    net = LevelNet()
    size = 32
    steps = options.epochs * (len(learn) // size)
    optimiser = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 3e-3, steps, pct_start=0.15)
    began = time.time()
    for epoch in range(options.epochs):
        net.train()
        order = learn + empty * 2
        generator.shuffle(order)
        total, count = 0.0, 0
        for start in range(0, len(learn) - size + 1, size):
            optimiser.zero_grad()
            loss = loss_of(net, batch_of(pictures, truth, np.array(order[start:start + size]), generator, True))
            if not torch.isfinite(loss):
                raise SystemExit('the loss is no number any more')
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 5)
            optimiser.step()
            if schedule.last_epoch < steps:
                schedule.step()
            total, count = total + float(loss), count + 1
        if check and (epoch % 10 == 9 or epoch == options.epochs - 1):
            net.eval()
            with torch.no_grad():
                x, rows, fraction, present, _ = batch_of(pictures, truth, np.array(check), generator, False)
                _, mean, kinds, guess, log_sigma = net(x)
                there = present > 0
                error = (guess - fraction).abs()[there]
                print(f'  held out: MAE {error.mean():.4f} within 3 % {(error <= 0.03).float().mean():.3f} within 10 % {(error <= 0.1).float().mean():.3f}'
                      f' level rows {320 * np.nanmean((mean - rows).abs()[there], 0).round(2)} there {((kinds[:, 3] > 0) == there).float().mean():.3f}', flush=True)
        print(f'{epoch + 1} loss {total / max(1, count):.3f} {time.time() - began:.0f} s', flush=True)
        if epoch % 10 == 9:
            net.eval()
            export(net, options.out, 'in training')
    net.eval()
    export(net, options.out, f'tools/train-level/train.py on ivset/train ({len(learn)} pictures), {options.epochs} epochs, seed {options.seed}')


main()
