"""How what a page takes to be there is made, by commands of mmreid themselves."""

from dataclasses import dataclass

from mmreid.datasets.synthetic import DatasetSize


@dataclass(frozen=True)
class Recipe:
    """How something is made that a page takes to be there.

    Args:
        text (str): Of bash, run in an empty folder which has what is needed.
        needs (tuple): Other names of `RECIPES`. Defaults to none.
    """

    text: str
    needs: tuple[str, ...] = ()


#: Stands for the size ``mini``, so that a page takes seconds.
SMALL = DatasetSize('mini', 24, 24, 300, 72, 160, 20, 20)

DATA = 'data/synthreid_mini'
_NAMES = r"--pattern '(?P<person>\d+)_c(?P<camera>\d+).*'"
RECIPES: dict[str, Recipe] = {
    DATA: Recipe(f'mmreid synthreid {DATA}'),
    # Pictures of known persons, named by person and camera.
    'photos': Recipe(f'mkdir photos; cp {DATA}/query/*.jpg photos', (DATA,)),
    'pictures': Recipe('cp -r photos pictures', ('photos',)),
    'a.jpg': Recipe(f'cp $(ls {DATA}/query/*.jpg | head -1) a.jpg', (DATA,)),
    'b.jpg': Recipe('cp a.jpg b.jpg', ('a.jpg',)),
    'b.png': Recipe(
        'python -c \'import cv2; cv2.imwrite("b.png", cv2.imread("a.jpg"))\'',
        ('a.jpg',),
    ),
    'query.jpg': Recipe('cp a.jpg query.jpg', ('a.jpg',)),
    'people.db': Recipe(
        'mmreid gallery create people.db MODEL;'
        f'mmreid gallery add people.db photos/ {_NAMES}',
        ('photos',),
    ),
    # Of a test, with labels.
    'features.npz': Recipe('mmreid test MODEL --out features.npz', (DATA,)),
    'point.json': Recipe(
        'mmreid threshold features.npz --rate 0.05 --out point.json', ('features.npz',)
    ),
    # Of a training that is too short to have learned much.
    'work_dirs/aanet_r18_synthmini': Recipe(
        'mmreid train CONFIG --cfg-options train_cfg.max_epochs=2', (DATA,)
    ),
    'epoch_12.pth': Recipe(
        'cp work_dirs/aanet_r18_synthmini/epoch_2.pth epoch_12.pth',
        ('work_dirs/aanet_r18_synthmini',),
    ),
    'work_dirs/aanet_r18_synthmini/epoch_12.pth': Recipe(
        'mv epoch_12.pth work_dirs/aanet_r18_synthmini',
        ('epoch_12.pth', 'work_dirs/aanet_r18_synthmini'),
    ),
    'epoch_120.pth': Recipe('cp epoch_12.pth epoch_120.pth', ('epoch_12.pth',)),
    'scene': Recipe(
        'mmreid scene scene --persons 10 --cameras 2 --seconds 25 --fps 5 --width 320'
    ),
    'cam1.mp4': Recipe('cp scene/cam1.mp4 .', ('scene',)),
    'cam2.mp4': Recipe('cp scene/cam2.mp4 .', ('scene',)),
    'cam1/gt.txt': Recipe('mkdir cam1; cp scene/cam1/gt/gt.txt cam1', ('scene',)),
    'cam2/gt.txt': Recipe('mkdir cam2; cp scene/cam2/gt/gt.txt cam2', ('scene',)),
    'door.mp4': Recipe('cp scene/cam1.mp4 door.mp4', ('scene',)),
    'door.txt': Recipe('cp scene/cam1/tracks.txt door.txt', ('scene',)),
    'hall.mp4': Recipe('cp scene/cam2.mp4 hall.mp4', ('scene',)),
    'hall.txt': Recipe('cp scene/cam2/tracks.txt hall.txt', ('scene',)),
    'tracks.txt': Recipe('cp hall.txt tracks.txt', ('hall.txt',)),
    'video.mp4': Recipe('cp hall.mp4 video.mp4', ('hall.mp4',)),
    'det.txt': Recipe('cp scene/cam2/det/det.txt .', ('scene',)),
    'person.onnx': Recipe('mmreid export MODEL --out person.onnx', (DATA,)),
    'onnx_vectors.py': Recipe('cp docs/examples/onnx_vectors.py .'),
    # Own data in folders, with a table.
    'data/mine': Recipe(
        'for part in bounding_box_train:train query:query bounding_box_test:gallery; do'
        f' mkdir -p data/mine/${{part#*:}}; for path in {DATA}/${{part%:*}}/0*.jpg; do'
        ' name=${path##*/}; person=${name%%_*}; camera=${name:6:1}; frame=${name:9};'
        ' cp $path data/mine/${part#*:}/${person}_cam${camera}_$frame; done; done',
        (DATA,),
    ),
    'data/mine.csv': Recipe(
        '(echo path,person,camera,split; cd data/mine; for path in */*.jpg; do'
        ' name=${path#*/}; echo $path,${name%%_*},${name:8:1},${path%/*}; done)'
        ' > data/mine.csv',
        ('data/mine',),
    ),
    # Results of several seeds.
    'results.json': Recipe(
        'mmreid evaluate features.npz --out results.json', ('features.npz',)
    ),
    'checkpoint.json': Recipe('cp results.json checkpoint.json', ('results.json',)),
    'reranked.json': Recipe(
        'mmreid evaluate features.npz --rerank --out reranked.json', ('features.npz',)
    ),
    **{
        f'{name}_seed{seed}/results.json': Recipe(
            f'mkdir {name}_seed{seed}; cp {file} {name}_seed{seed}/results.json',
            (file,),
        )
        for name, file in (('bot', 'results.json'), ('aanet', 'reranked.json'))
        for seed in (0, 1)
    },
    'aanet.npz': Recipe('cp features.npz aanet.npz', ('features.npz',)),
    'bot.npz': Recipe('mmreid test epoch_12.pth --out bot.npz', ('epoch_12.pth', DATA)),
    'agw.json': Recipe('mmreid evaluate bot.npz --out agw.json', ('bot.npz',)),
    'bot.pth': Recipe('cp epoch_12.pth bot.pth', ('epoch_12.pth',)),
    **{
        f'work_dirs/{name}_r50_market': Recipe(
            f'cp -r work_dirs/aanet_r18_synthmini work_dirs/{name}_r50_market',
            ('work_dirs/aanet_r18_synthmini',),
        )
        for name in ('bot', 'pcb', 'aanet')
    },
    **{
        f'bot_r50_market-1a2b3c4d{ending}': Recipe(
            f'mmreid publish epoch_12.pth bot{ending} --results agw.json;'
            f'mv bot-*{ending} bot_r50_market-1a2b3c4d{ending}',
            ('epoch_12.pth', 'agw.json'),
        )
        for ending in ('.pth', '.safetensors')
    },
    'work_dirs/hpm_r18_synthmini/epoch_12.pth': Recipe(
        'mmreid train projects/example_project/configs/hpm_r18_synthmini.py'
        ' --cfg-options train_cfg.max_epochs=1;'
        'cd work_dirs/hpm_r18_synthmini; mv epoch_1.pth epoch_12.pth',
        (DATA,),
    ),
    'work_dirs/demo/logs/features.npz': Recipe(
        'mkdir -p work_dirs/demo/logs; cp bot.npz work_dirs/demo/logs/features.npz',
        ('bot.npz',),
    ),
    # Every two of 24 pictures.
    'pairs.csv': Recipe(
        f'echo a,b,same > pairs.csv; files=({DATA}/query/*.jpg);'
        ' for a in ${files[@]:0:24}; do for b in ${files[@]:0:24}; do'
        ' if [[ $a < $b ]]; then same=0; [ ${a%%_c*} = ${b%%_c*} ] && same=1;'
        ' echo $a,$b,$same >> pairs.csv; fi; done; done',
        (DATA,),
    ),
    'suspects.csv': Recipe(
        f'mmreid check --type Market1501 --data-root {DATA} --model MODEL'
        ' --suspects suspects.csv || [ $? = 1 ]',
        (DATA,),
    ),
    'query': Recipe(
        f'mkdir query; cp $(ls {DATA}/query/*.jpg | head -1)'
        f' query/0005_c1s1_016435_00.jpg; cp $(ls {DATA}/query/*.jpg | tail -1)'
        ' query/0005_c3s6_035876_00.jpg',
        (DATA,),
    ),
}
