"""What a file may be refused for, and what to try."""

ADVICE = {
    'swapped channels': (
        'Feed pictures in the order that the file tells (channels: bgr is as OpenCV '
        'reads, rgb as PIL does), or export again with the other --channels.'
    ),
    'normalised twice': (
        'Feed the pictures as uint8, 0 to 255: mean and deviation are in the file, and '
        'must not be applied before it or be written into it a second time.'
    ),
    'not normalised': (
        'Write the mean and the deviation of the data preprocessor into the file: '
        'export the network with its preprocessor, not the backbone and head alone.'
    ),
    'divided by 255 only': (
        'The pictures are scaled to 0 to 1 and neither mean nor deviation of the data '
        'preprocessor is applied: export the network with its preprocessor.'
    ),
    'divided by 255 before normalising': (
        'Mean and deviation of the config are for pixels from 0 to 255: leave out the '
        'division by 255 that comes before them (ToTensor of torchvision makes it).'
    ),
    'mean and deviation of swapped channels': (
        'Give mean and deviation in the order of the channels that they are applied '
        'to, which with to_rgb=True is red, green, blue.'
    ),
    'flip averaging missing': (
        "The config averages the vectors of a picture and its mirror's (flip_test), "
        'and the file does not: export the whole network, not its backbone and head.'
    ),
    'flip averaging extra': (
        "The file averages the vectors of a picture and its mirror's, and the config "
        'does not: export with model.flip_test as the config has it.'
    ),
    'mirrored pictures': (
        'Something before or in the file turns the pictures left to right: look for '
        'a flip of the width in place of one of the channels.'
    ),
    'height and width interchanged': (
        'The file takes (N, height, width, 3): look for a transposition of the last '
        'axes, or a size that was given as (width, height).'
    ),
    'axes reshaped in place of transposed': (
        'Pictures (N, height, width, 3) become (N, 3, height, width) by permute or '
        'transpose: reshape and view mix the pixels.'
    ),
    'L2 normalisation missing': (
        'The network scales its vectors to unit length as head.normalize says, and the '
        'file does not: export the head with its last step.'
    ),
    'L2 normalisation extra': (
        'The file scales its vectors to unit length, and the network does not: set '
        'head.normalize, or leave the last step out of the file.'
    ),
    'order of rows': (
        'The vectors are those of other pictures of the same set: look for a '
        'buffer that is read after the next batch is written, for requests that '
        'finish in another order, or for a sorted list of files.'
    ),
    'single pictures': (
        'Most vectors are right and a few are those of something else: look for a '
        'last batch of another size, for memory that is read before it is written, '
        'and, in int8, for activations beyond those of the calibration pictures.'
    ),
    'overflow': (
        'A number left the range of its type (float16 ends at 65,504): export in '
        'bfloat16 or float32, or keep the layers that sum up (pooling, attention, '
        'normalisation) in float32.'
    ),
    'wrong shape': (
        "The file must give one vector of the network's width a picture: look for an "
        'output of the classifier or of one branch in place of the embedding, and for '
        'a batch of one size.'
    ),
    'constant vectors': (
        'Whatever the picture is, the vector is the same: look for weights that were '
        'not written, an input that is not connected, or a scale of zero or infinity '
        'in a quantised tensor.'
    ),
    'components scaled differently': (
        "Each component is the network's but for a factor of its own: look for the "
        'scale of the last tensor, one a channel where there should be one for all.'
    ),
    'scale of a tensor': (
        'The error is many times what this precision makes of the network: the scale '
        'of some tensor is wrong. Calibrate with pictures prepared as in the test; '
        'compare layer by layer, and keep the first that differs in floating point.'
    ),
    'collapsed variance': (
        'Little is left that tells pictures apart. In int8: calibrate with more '
        'pictures, over all cameras, prepared as in the test, and keep the layers '
        'with the largest error in floating point.'
    ),
    'precision': (
        'The vectors are near, but not near enough for this tolerance: calibrate with '
        'more pictures, over all cameras; keep the layers with the largest error in '
        'floating point (accuracy control does); or take bfloat16 or float32.'
    ),
    'wide interval': (
        'The difference is within the tolerance, and its interval over persons is '
        'not: take a test set with more persons, or what makes the vectors nearer '
        '(more pictures to calibrate with, sensitive layers in floating point).'
    ),
    'near-ties': (
        'The vectors are the same but for rounding, and answers at almost one distance '
        'changed places: take a test set with more queries and persons.'
    ),
    'test set': (
        'Take a test set with more persons, each in two cameras or more, such as '
        'SynthReID-mini ("mmreid synthreid DIR --size mini").'
    ),
    'weak judge': (
        'Judge by a test set that the network ranks well, train it first, or ask for '
        'a smaller tolerance.'
    ),
    'the network itself': (
        'Mend the network first: its own vectors cannot be ranked. Look for a diverged '
        'training, or weights that were not loaded.'
    ),
    'unknown': (
        'Compare the file with the network layer by layer: cut it at half of its '
        'depth, look which half differs, and go on with that one.'
    ),
}
