"""Writes the TensorBoard logs in tensorboard/: python write_logs.py FOLDER. Needs tensorboardX 2.6.5, tensorboard 2.21.0 and numpy.

`x` is written by tensorboardX (values in simple_value), `tb` by tensorboard's own writer (values in tensors, as TensorFlow 2 and torch write them).
"""

import os
import sys

import numpy as np
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary, SummaryMetadata
from tensorboard.plugins.hparams import api_pb2, metadata, plugin_data_pb2
from tensorboard.plugins.scalar.metadata import create_summary_metadata as scalar_metadata
from tensorboard.plugins.text.metadata import create_summary_metadata as text_metadata
from tensorboard.summary.writer.event_file_writer import EventFileWriter
from tensorboard.util import tensor_util
from tensorboardX import SummaryWriter

START = 1_700_000_000.0


def main():
    root = sys.argv[1]
    for lr in (0.1, 0.01):
        writer = SummaryWriter(os.path.join(root, f"x/lr={lr}"), filename_suffix=".x")
        for step in range(20):
            writer.add_scalar("train/loss", lr / (step + 1), step, walltime=START + step)
            writer.add_scalar("train/acc", 1 - lr / (step + 1), step, walltime=START + step)
        writer.add_scalar("odd", float("nan"), 0, walltime=START)
        writer.add_scalar("odd", float("inf"), 1, walltime=START)
        writer.add_text("note", "läuft *gut*", 3, walltime=START)
        writer.add_image("picture", np.full((3, 4, 4), lr, dtype=np.float32), 5, walltime=START)
        writer.add_histogram("weights", np.arange(10), 1, walltime=START)
        writer.close()
    writer = EventFileWriter(os.path.join(root, "tb"), filename_suffix=".tb")
    event = Event(wall_time=START)
    start = plugin_data_pb2.SessionStartInfo(start_time_secs=START)
    for key, value in (("lr", 0.5), ("layers", 3)):
        start.hparams[key].number_value = value
    start.hparams["opt"].string_value = "adam"
    start.hparams["bias"].bool_value = True
    event.summary.value.add(
        tag=metadata.SESSION_START_INFO_TAG,
        metadata=metadata.create_summary_metadata(plugin_data_pb2.HParamsPluginData(session_start_info=start)),
    )
    writer.add_event(event)
    for step in range(5):
        for place, (tag, value) in enumerate((("loss", np.float32(1 / (step + 1))), ("half", np.float16(step / 4)), ("long", np.float64(0.1 * step)))):
            value = Summary.Value(tag=tag, tensor=tensor_util.make_tensor_proto(value))
            if step == 0:
                value.metadata.CopyFrom(scalar_metadata(tag, ""))
            add(writer, value, step, START + step + place / 10)
    text = Summary.Value(tag="doc/text", tensor=tensor_util.make_tensor_proto(np.array([b"one", b"two"])))
    text.metadata.CopyFrom(text_metadata("doc/text", ""))
    add(writer, text, 0, START)
    other = Summary.Value(tag="curve", tensor=tensor_util.make_tensor_proto(np.zeros((2, 3), dtype=np.float32)))
    other.metadata.CopyFrom(SummaryMetadata(plugin_data=SummaryMetadata.PluginData(plugin_name="pr_curves")))
    add(writer, other, 0, START)
    event = Event(wall_time=START + 60)
    end = plugin_data_pb2.SessionEndInfo(status=api_pb2.STATUS_FAILURE, end_time_secs=START + 60)
    event.summary.value.add(
        tag=metadata.SESSION_END_INFO_TAG,
        metadata=metadata.create_summary_metadata(plugin_data_pb2.HParamsPluginData(session_end_info=end)),
    )
    writer.add_event(event)
    writer.close()
    # Names without the time and the machine of writing: the same files each time, but for those inside.
    for folder, _, names in os.walk(root):
        for name in names:
            os.rename(os.path.join(folder, name), os.path.join(folder, f"events.out.tfevents.1700000000.host{os.path.splitext(name)[1]}"))


def add(writer, value, step, time):
    writer.add_event(Event(wall_time=time, step=step, summary=Summary(value=[value])))


main()
