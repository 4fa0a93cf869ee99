"""What a recorder's compression leaves of a picture."""

from fractions import Fraction

import av
import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]


def as_jpeg(image: Image, quality: int, fine_chroma: bool) -> Image:
    """The picture after JPEG at a quality of 0 to 100; `fine_chroma` keeps colour at full resolution."""
    factor = cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444 if fine_chroma else cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420
    options = [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, factor]
    _, data = cv2.imencode(".jpg", image, options)
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


def as_h264(image: Image, quantiser: int, moved: tuple[int, int]) -> Image:
    """The picture as the second frame of H.264 video whose first shows it `moved` by whole pixels.

    The second frame is predicted from the first, so what stood still keeps the first one's flaws.
    """
    height, width = image.shape[:2]
    whole = cv2.copyMakeBorder(image, 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE)
    encoder = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height = whole.shape[1], whole.shape[0]
    encoder.pix_fmt, encoder.time_base = "yuv420p", Fraction(1, 25)
    encoder.options = {"preset": "superfast", "tune": "zerolatency", "qp": str(quantiser), "threads": "1"}
    decoder = av.CodecContext.create("h264", "r")
    decoder.thread_count = 1
    packets = []
    for number, picture in enumerate((np.roll(whole, moved, (0, 1)), whole)):
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="bgr24")
        frame.pts = number
        packets += encoder.encode(frame)
    packets += encoder.encode(None)
    frames = [frame for packet in packets for frame in decoder.decode(packet)] + decoder.decode(None)
    return np.asarray(frames[-1].to_ndarray(format="bgr24"), np.uint8)[:height, :width]
